"""What clips are cut from besides a finished recording with its index: growing files, foreign ones, broken ones."""

import asyncio
import gzip
import subprocess
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import msgspec
import pytest

from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.egress.container.index import build_index, pack_index
from rtcstack.egress.recorder.encoder import Encoder
from rtcstack.errors import ObjectNotFound, PartRefused, PartUnavailable
from rtcstack.ports.media import Cut, CutMode, MediaSource
from tests.integration.media.conftest import Store
from tests.support.numbered import SMALL, bursts, numbers, picture, picture_times, record
from tests.support.ports import free_port
from tests.support.range_server import serving

Quiet = Callable[[float], None]


def _foreign(file: Path, name: str, *options: str) -> Path:
    """Have ffmpeg encode the recording anew."""
    out = file.with_name(name)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(file), *options, str(out)], check=True)
    return out


@pytest.mark.parametrize("mode", ["reencode", "smart"])
async def test_a_clip_of_a_recording_that_is_still_running(
    media: MediaProcesses, tmp_path: Path, mode: CutMode, quiet: Quiet
) -> None:
    parts = (
        record(tmp_path / "part-1.mp4", 3.0),
        record(tmp_path / "part-2.mp4", 6.2, killed=True, first=90),
    )
    out = tmp_path / "clip.mp4"
    cut = await media.cut(MediaSource(files=parts), 4.7, 8.0, mode, out, quiet)
    # The second part begins where the first one's sound ends, a few milliseconds after its pictures.
    assert numbers(out) == list(range(141, 240))
    assert (cut.mode, cut.bytes_read) == (mode, 0)


async def test_a_clip_across_two_parts_is_encoded_as_a_whole(
    media: MediaProcesses, tmp_path: Path, quiet: Quiet
) -> None:
    parts = (record(tmp_path / "part-1.mp4", 3.0), record(tmp_path / "part-2.mp4", 3.0, first=90))
    out = tmp_path / "clip.mp4"
    cut = await media.cut(MediaSource(files=parts), 2.0, 4.0, "smart", out, quiet)
    assert cut.mode == "reencode"
    assert numbers(out)[:55] == list(range(60, 115))


async def test_sound_alone_is_cut_as_well(media: MediaProcesses, tmp_path: Path, quiet: Quiet) -> None:
    file, out = record(tmp_path / "part-1.mp4", 5.0, has_video=False), tmp_path / "clip.mp4"
    for mode in ("reencode", "smart"):
        cut = await media.cut(MediaSource(files=(file,)), 1.25, 3.25, mode, out, quiet)
        assert (cut.mode, cut.duration_ms) == (mode, 2000)
        assert bursts(out)[:2] == pytest.approx([36_000, 84_000], abs=64)


async def test_pictures_alone_are_cut_as_well(media: MediaProcesses, tmp_path: Path, quiet: Quiet) -> None:
    file, out = record(tmp_path / "part-1.mp4", 5.0, has_audio=False), tmp_path / "clip.mp4"
    for mode in ("reencode", "smart"):
        await media.cut(MediaSource(files=(file,)), 1.0, 3.0, mode, out, quiet)
        assert numbers(out) == list(range(30, 90))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("b-frames-index-last.mp4", ["-c:v", "libx264", "-bf", "3", "-g", "60", "-c:a", "aac"]),
        (
            "b-frames-index-first.mp4",
            ["-c:v", "libx264", "-bf", "3", "-movflags", "faststart", "-c:a", "aac"],
        ),
        (
            "vp8.webm",
            ["-c:v", "libvpx", "-deadline", "realtime", "-b:v", "1M", "-g", "60", "-c:a", "libopus"],
        ),
        (
            "other-size.mp4",
            ["-c:v", "libx264", "-vf", "scale=322:182", "-c:a", "aac", "-ar", "44100", "-ac", "1"],
        ),
    ],
)
async def test_foreign_files_are_cut_exactly_too(
    media: MediaProcesses,
    store: Store,
    file: Path,
    tmp_path: Path,
    name: str,
    options: list[str],
    quiet: Quiet,
) -> None:
    source = store.put(f"media/{name}", _foreign(file, name, *options))
    out = tmp_path / "clip.mp4"
    cut = await media.cut(source, 4.7, 7.1, "smart", out, quiet)
    assert cut.mode == "reencode"
    assert numbers(out) == list(range(141, 213))
    rate_hz = 44_100 if name == "other-size.mp4" else 48_000
    # WebM counts milliseconds, and Opus's lead-in of 6.5 ms is not taken off after a seek.
    tolerance_s = 0.008 if name == "vp8.webm" else 0.002
    assert bursts(out)[0] / rate_hz == pytest.approx(0.3, abs=tolerance_s)


def _version_1(sidecar: bytes) -> bytes:
    content = msgspec.json.decode(gzip.decompress(sidecar))
    kept = {name: value for name, value in content.items() if name not in {"head", "moov_deflated"}}
    return gzip.compress(msgspec.json.encode(kept | {"version": 1}))


async def test_a_sidecar_of_version_1_is_still_read(
    media: MediaProcesses, store: Store, file: Path, tmp_path: Path, quiet: Quiet
) -> None:
    index = build_index(file, ())
    source = store.put("media/old.mp4", file, _version_1(pack_index(index)))
    out = tmp_path / "clip.mp4"
    cut = await media.cut(source, 4.7, 7.1, "smart", out, quiet)
    assert numbers(out) == list(range(141, 213))
    assert cut.bytes_read < index.size_bytes


@pytest.mark.parametrize("damage", ["torn", "nothing", "another", "no moov"])
async def test_a_sidecar_that_is_no_use_is_done_without(
    media: MediaProcesses, store: Store, file: Path, tmp_path: Path, damage: str, quiet: Quiet
) -> None:
    index = build_index(file, ())
    sidecar = {
        "torn": pack_index(index)[:-50],
        "nothing": b"nothing",
        "another": pack_index(msgspec.structs.replace(index, size_bytes=index.size_bytes + 1)),
        "no moov": pack_index(msgspec.structs.replace(index, moov_deflated=index.moov_deflated[:100])),
    }[damage]
    out = tmp_path / "clip.mp4"
    await media.cut(store.put("media/damaged.mp4", file, sidecar), 4.7, 7.1, "smart", out, quiet)
    assert numbers(out) == list(range(141, 213))


@pytest.fixture
def broken(file: Path, tmp_path: Path) -> dict[str, Path]:
    """Return files that have lost their index, and that never had one."""
    made = {"torn": tmp_path / "torn.mp4", "noise": tmp_path / "noise.mp4"}
    made["torn"].write_bytes(file.read_bytes()[:-9000])
    made["noise"].write_bytes(bytes(range(256)) * 400)
    return made


async def _cut(media: MediaProcesses, source: MediaSource, tmp_path: Path) -> Cut:
    return await media.cut(source, 1, 2, "reencode", tmp_path / "clip.mp4", lambda _done: None)


@pytest.mark.parametrize("damage", ["torn", "noise"])
async def test_what_cannot_be_read_is_told(
    media: MediaProcesses, store: Store, broken: dict[str, Path], tmp_path: Path, damage: str
) -> None:
    with pytest.raises(PartRefused, match="decoded") as raised:
        await _cut(media, store.put(f"media/{damage}.mp4", broken[damage]), tmp_path)
    assert raised.value.word == "unreadable_media"


async def test_a_link_that_has_expired_is_refused_in_the_store_s_words(
    media: MediaProcesses, store: Store, source: MediaSource, tmp_path: Path
) -> None:
    assert source.url  # it is there
    url = store.link("media/recording.mp4", timedelta(seconds=1))
    await asyncio.sleep(2.1)
    with pytest.raises(PartRefused, match=r"403.*expired") as raised:
        await _cut(media, MediaSource(url), tmp_path)
    assert "X-Amz" not in str(raised.value)


async def test_an_object_that_is_gone_is_told(media: MediaProcesses, store: Store, tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFound):
        await _cut(media, MediaSource(store.link("media/gone.mp4")), tmp_path)


async def test_a_store_that_does_not_answer_is_a_passing_fault(tmp_path: Path) -> None:
    allowing = MediaProcesses(allow_loopback=True)
    with pytest.raises(PartUnavailable):
        await _cut(allowing, MediaSource(f"http://127.0.0.1:{free_port()}/object"), tmp_path)


async def test_only_the_own_store_may_lie_in_a_private_network(source: MediaSource, tmp_path: Path) -> None:
    with pytest.raises(PartRefused) as raised:
        await _cut(MediaProcesses(), source, tmp_path)
    assert raised.value.word == "address_refused"
    assert (await _cut(MediaProcesses(allow_loopback=True), source, tmp_path)).size_bytes
    assert (
        await _cut(MediaProcesses(allow_networks=[ip_network("127.0.0.0/8")]), source, tmp_path)
    ).size_bytes


async def test_a_picture_that_stands_for_seconds_is_shown_from_the_beginning(
    media: MediaProcesses, tmp_path: Path, quiet: Quiet
) -> None:
    file, out = tmp_path / "part-1.mp4", tmp_path / "clip.mp4"
    encoder = Encoder(file, SMALL, has_audio=False)
    for number in range(120):
        encoder.write_picture(picture(number, SMALL), number if number < 60 else number + 90)
    encoder.close()
    cut = await media.cut(MediaSource(files=(file,)), 3.0, 6.0, "smart", out, quiet)
    assert cut.mode == "reencode"
    assert numbers(out) == [59, *range(60, 90)]
    assert picture_times(out)[:2] == pytest.approx([0, 2.0])


async def test_where_pictures_end_early_a_late_one_stays_and_sound_goes_on(
    file: Path, tmp_path: Path, quiet: Quiet
) -> None:
    short = _foreign(file, "short.mp4", "-c:a", "copy", "-c:v", "libx264", "-vf", "trim=end=2")
    out = tmp_path / "clip.mp4"
    with serving(short.read_bytes()) as server:
        await MediaProcesses(allow_loopback=True).cut(
            MediaSource(server.url), 3.5, 11.5, "reencode", out, quiet
        )
    (shown,) = numbers(out)
    assert 50 < shown < 60  # the last ones may still be inside the decoder when it is waited for no longer
    assert bursts(out) == pytest.approx([24_000 + 48_000 * n for n in range(8)], abs=64)
