"""Clips of a recording in MinIO: the pictures are the asked ones, and sound begins at the same instant."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.egress.container.boxes import read_outline
from rtcstack.egress.container.index import build_index, pack_index
from rtcstack.errors import Invalid
from rtcstack.ports.media import CutMode, MediaSource
from tests.support.numbered import RATE_HZ, bursts, heard, numbers, picture_times

_SMEAR = 64
"""Samples by which AAC blurs an edge."""
_PADDING = 1024 / RATE_HZ
"""ffmpeg plays the last packet to its end."""

# Mid-group, from a keyframe, to a keyframe, shorter than a group, from the beginning, to the end, one picture.
_RANGES = [
    (2.7, 5.1),
    (4.0, 7.31),
    (1.9, 6.0),
    (8.2, 8.9),
    (0.0, 2.5),
    (9.5, 12.0),
    (3.2, 3.21),
    (11.98, 12.0),
]


def _expected(start_s: float, end_s: float) -> list[int]:
    first = min(round(start_s * 30), 359)
    return list(range(first, max(round(end_s * 30), first + 1)))


@pytest.mark.parametrize("mode", ["reencode", "smart"])
@pytest.mark.parametrize(("start_s", "end_s"), _RANGES)
async def test_a_clip_has_exactly_the_asked_pictures_and_sound(
    media: MediaProcesses,
    source: MediaSource,
    tmp_path: Path,
    mode: CutMode,
    start_s: float,
    end_s: float,
    quiet: Callable[[float], None],
) -> None:
    out = tmp_path / "clip.mp4"
    cut = await media.cut(source, start_s, end_s, mode, out, quiet)

    shown = _expected(start_s, end_s)
    assert cut.mode == mode
    assert numbers(out) == shown
    assert picture_times(out) == pytest.approx([n / 30 for n in range(len(shown))], abs=1e-4)
    assert cut.duration_ms == pytest.approx(len(shown) / 30 * 1000, abs=25)
    assert cut.size_bytes == out.stat().st_size
    _check_sound(out, shown)


def _check_sound(out: Path, shown: list[int]) -> None:
    begin, length_s = shown[0] / 30, len(shown) / 30
    assert length_s - 0.001 <= len(heard(out)) / RATE_HZ <= length_s + _PADDING
    expected = [
        round((second - begin) * RATE_HZ)
        for second in range(12)
        if begin <= second < begin + length_s - 0.001
    ]
    found = [at for at in bursts(out) if at < length_s * RATE_HZ - _SMEAR]
    if begin % 1 < 0.1 and begin % 1:  # it begins within a burst
        found = found[1:]
    assert found == pytest.approx(expected, abs=_SMEAR)


@pytest.mark.parametrize("mode", ["reencode", "smart"])
async def test_a_clip_plays_before_it_is_loaded_as_a_whole(
    media: MediaProcesses, source: MediaSource, tmp_path: Path, mode: CutMode, quiet: Callable[[float], None]
) -> None:
    out = tmp_path / "clip.mp4"
    await media.cut(source, 1.0, 3.0, mode, out, quiet)
    outline = read_outline(out)
    assert [box.kind for box in outline.boxes if box.kind in {"moov", "mdat"}] == ["moov", "mdat"]
    with av.open(str(out)) as clip:
        assert [stream.codec_context.name for stream in clip.streams] == ["h264", "aac"]
        assert all(stream.start_time == 0 for stream in clip.streams)


async def test_no_picture_is_encoded_in_slices(
    media: MediaProcesses, source: MediaSource, tmp_path: Path, quiet: Callable[[float], None]
) -> None:
    """They are encoded one while another waits, and packed worse: x264 writes its parameters into the stream."""
    out = tmp_path / "clip.mp4"
    await media.cut(source, 1.0, 2.0, "reencode", out, quiet)
    assert b" sliced_threads=0 " in out.read_bytes()


async def test_the_copied_pictures_are_those_of_the_recording(
    media: MediaProcesses, source: MediaSource, file: Path, tmp_path: Path, quiet: Callable[[float], None]
) -> None:
    out = tmp_path / "clip.mp4"
    await media.cut(source, 2.7, 7.1, "smart", out, quiet)
    with av.open(str(file)) as whole, av.open(str(out)) as clip:
        expected = [bytes(p) for p in whole.demux(video=0) if p.pts is not None][120:213]
        assert [bytes(p) for p in clip.demux(video=0) if p.pts is not None][120 - 81 :] == expected
        assert clip.streams.video[0].codec_context.extradata == whole.streams.video[0].codec_context.extradata


async def test_only_the_covered_keyframe_groups_are_read(
    media: MediaProcesses, source: MediaSource, file: Path, tmp_path: Path, quiet: Callable[[float], None]
) -> None:
    index = build_index(file, ())
    times_ms = [keyframe.pts_ms for keyframe in index.keyframes]
    first, end = bisect_right(times_ms, 4500) - 1, bisect_left(times_ms, 9500)
    groups = index.keyframes[end].offset - index.keyframes[first].offset
    cut = await media.cut(source, 4.5, 9.5, "smart", tmp_path / "clip.mp4", quiet)
    assert cut.bytes_read - len(pack_index(index)) <= 1.3 * groups


async def test_progress_rises_to_one(media: MediaProcesses, source: MediaSource, tmp_path: Path) -> None:
    told: list[float] = []
    await media.cut(source, 0, 12, "reencode", tmp_path / "clip.mp4", told.append)
    assert told == sorted(told)  # the same twice, when little was done in between
    assert len(set(told)) > 2
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("start_s", "end_s"),
    [(5, 5), (5, 4), (-1, 4), (0, 13), (12.5, 12.6), (float("nan"), 2), (0, float("inf")), (0, 1e308)],
)
async def test_a_range_that_the_recording_does_not_have_is_refused(
    media: MediaProcesses,
    source: MediaSource,
    tmp_path: Path,
    start_s: float,
    end_s: float,
    quiet: Callable[[float], None],
) -> None:
    out = tmp_path / "clip.mp4"
    with pytest.raises(Invalid) as raised:
        await media.cut(source, start_s, end_s, "reencode", out, quiet)
    assert raised.value.word == "invalid_range"
    assert not out.exists()
