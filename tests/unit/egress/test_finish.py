"""Salvage and joining, on files written by the recorder's own encoder."""

import gzip
import shutil
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from rtcstack.egress.container.boxes import read_outline
from rtcstack.egress.container.index import Index, index_path, unpack_index
from rtcstack.egress.container.remux import PartsDiffer
from rtcstack.egress.finish import NothingRecorded, finish
from rtcstack.egress.job import Encoding, Span, spans_path
from rtcstack.egress.recorder.encoder import Encoder
from tests.support import numbered

BLOCK, RATE_HZ = 1024, 48_000


def frame(level: int, encoding: Encoding) -> av.VideoFrame:
    picture = av.VideoFrame(encoding.width, encoding.height, "yuv420p")
    for plane in picture.planes:
        plane.update(np.full(plane.buffer_size, level, np.uint8).tobytes())
    return picture


def record(
    file: Path, seconds: float, *, killed: bool = False, wall_ns: int = 0, encoding: Encoding | None = None
) -> Path:
    """Write a part the way a recorder does; `killed` keeps what lies on the disk before the file is closed."""
    encoding = encoding or Encoding(width=320, height=180)
    target = file.with_name("open.mp4") if killed else file
    encoder = Encoder(target, encoding)
    blocks = 0
    for tick in range(round(seconds * encoding.framerate)):
        while blocks * BLOCK / RATE_HZ < tick / encoding.framerate:
            encoder.write_sound(np.full((2, BLOCK), 0.1, np.float32), blocks * BLOCK)
            blocks += 1
        encoder.write_picture(frame(tick % 200 + 20, encoding), tick)
    if killed:
        shutil.copy(target, file)
    encoder.close()
    spans_path(file).write_bytes(msgspec.json.encode((Span(wall_ns, 0),)))
    return file


def times(file: Path, kind: str) -> list[float]:
    with av.open(str(file)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        return [float(p.pts * p.time_base) for p in container.demux(stream) if p.pts is not None]


def pictures(file: Path) -> int:
    with av.open(str(file)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_an_intact_part_is_the_recording_without_a_copy(tmp_path: Path) -> None:
    part = record(tmp_path / "part-1.mp4", 3.0, wall_ns=7)
    finished = finish([part], tmp_path / "recording.mp4")

    assert (tmp_path / "recording.mp4").samefile(part)
    assert not finished.recovered
    assert finished.duration_ms == pytest.approx(3000, abs=20)
    assert finished.size_bytes == part.stat().st_size
    assert finished.spans == (Span(7, 0),)
    video, audio = finished.streams
    assert (video.kind, video.codec, video.width, video.height, video.framerate) == (
        "video",
        "h264",
        320,
        180,
        30,
    )
    assert (audio.kind, audio.codec, audio.rate_hz, audio.channels) == ("audio", "aac", RATE_HZ, 2)


def test_a_killed_part_becomes_an_ordinary_file_up_to_its_last_fragment(tmp_path: Path) -> None:
    part = record(tmp_path / "part-1.mp4", 4.2, killed=True)
    assert not read_outline(part).is_intact
    finished = finish([part], tmp_path / "recording.mp4")

    out = tmp_path / "recording.mp4"
    assert finished.recovered
    assert finished.duration_ms >= 3500
    assert read_outline(out).is_intact
    shown = times(out, "video")
    assert shown[0] == 0
    assert np.allclose(np.diff(shown), 1 / 30, atol=1e-4), "no picture may be missing"
    assert pictures(out) == len(shown)
    sound = times(out, "audio")
    assert np.allclose(np.diff(sound), BLOCK / RATE_HZ, atol=1e-4)


def test_a_torn_tail_is_left_out(tmp_path: Path) -> None:
    whole = record(tmp_path / "whole.mp4", 4.2, killed=True)
    content = whole.read_bytes()
    last = max(box.offset for box in read_outline(whole).boxes if box.kind == "moof")
    lengths = []
    for cut in (last + 3, last + 100, len(content) - 10):
        part = tmp_path / f"part-{cut}.mp4"
        part.write_bytes(content[:cut])
        finished = finish([part], tmp_path / f"out-{cut}.mp4")
        assert finished.recovered
        assert pictures(Path(finished.path)) * 1000 // 30 == pytest.approx(finished.duration_ms, abs=40)
        lengths.append(finished.duration_ms)
    assert len(set(lengths)) == 1


def test_parts_are_joined_in_order_with_their_spans(tmp_path: Path) -> None:
    parts = [
        record(tmp_path / "part-1.mp4", 2.2, killed=True, wall_ns=100),
        record(tmp_path / "part-2.mp4", 3.0, wall_ns=200),
        record(tmp_path / "part-3.mp4", 1.0, wall_ns=300),
    ]
    alone = [finish([part], tmp_path / f"alone-{part.name}") for part in parts]
    finished = finish(parts, tmp_path / "recording.mp4")

    assert finished.duration_ms == pytest.approx(sum(one.duration_ms for one in alone), abs=60)
    assert [span.wall_ns for span in finished.spans] == [100, 200, 300]
    assert finished.spans[1].pts_ms == pytest.approx(alone[0].duration_ms, abs=30)
    assert pictures(tmp_path / "recording.mp4") == sum(pictures(Path(one.path)) for one in alone)
    for kind in ("video", "audio"):
        assert min(np.diff(times(tmp_path / "recording.mp4", kind))) > 0


def test_a_part_without_media_is_left_out_and_nothing_at_all_is_said(tmp_path: Path) -> None:
    empty = tmp_path / "part-1.mp4"
    good = record(tmp_path / "part-2.mp4", 1.0)
    for content in (b"", b"\0\0\0", good.read_bytes()[:60]):
        empty.write_bytes(content)
        with pytest.raises(NothingRecorded):
            finish([empty], tmp_path / "recording.mp4")
        assert finish([empty, good], tmp_path / "recording.mp4").duration_ms == pytest.approx(1000, abs=30)
    with pytest.raises(NothingRecorded):
        finish([], tmp_path / "recording.mp4")


def test_parts_of_different_size_are_refused(tmp_path: Path) -> None:
    one = record(tmp_path / "part-1.mp4", 1.0)
    other = record(tmp_path / "part-2.mp4", 1.0, encoding=Encoding(width=640, height=360))
    with pytest.raises(PartsDiffer):
        finish([one, other], tmp_path / "recording.mp4")
    assert not (tmp_path / "recording.mp4").exists()


def test_repeating_it_changes_nothing(tmp_path: Path) -> None:
    for part in (record(tmp_path / "a.mp4", 1.0), record(tmp_path / "b.mp4", 1.5, killed=True)):
        out = tmp_path / f"out-{part.name}"
        first = finish([part], out)
        content = out.read_bytes()
        assert finish([part], out) == first
        assert out.read_bytes() == content


def test_the_index_leads_to_the_keyframes_and_tables(tmp_path: Path) -> None:
    finish([record(tmp_path / "part-1.mp4", 5.0)], tmp_path / "recording.mp4")
    index = unpack_index(index_path(tmp_path / "recording.mp4").read_bytes())
    content = (tmp_path / "recording.mp4").read_bytes()

    assert [keyframe.pts_ms for keyframe in index.keyframes] == [0, 2000, 4000]
    assert content[index.moov.offset + 4 : index.moov.offset + 8] == b"moov"
    assert len(index.sample_tables) == len(index.streams) == 2
    assert all(content[table.offset + 4 : table.offset + 8] == b"stbl" for table in index.sample_tables)
    assert index.size_bytes == len(content)
    with av.open(str(tmp_path / "recording.mp4")) as container:
        found = [(p.pos, p.size) for p in container.demux(video=0) if p.is_keyframe and p.pts is not None]
    assert found == [(keyframe.offset, keyframe.size) for keyframe in index.keyframes]


def test_a_damaged_or_newer_index_is_refused(tmp_path: Path) -> None:
    finish([record(tmp_path / "part-1.mp4", 1.0)], tmp_path / "recording.mp4")
    good = index_path(tmp_path / "recording.mp4").read_bytes()
    newer = msgspec.structs.replace(msgspec.json.decode(gzip.decompress(good), type=Index), version=99)
    for content in (good[:-20], b"nothing", gzip.compress(b"{}"), gzip.compress(msgspec.json.encode(newer))):
        with pytest.raises(ValueError, match=r"not an index|version 99"):
            unpack_index(content)


def test_parts_of_sound_become_one_ogg(tmp_path: Path) -> None:
    opus = Encoding(320, 180, audio_codec="opus")
    parts = [
        numbered.record(tmp_path / "part-1.mp4", 3.0, encoding=opus, has_video=False),
        numbered.record(tmp_path / "part-2.mp4", 2.0, encoding=opus, has_video=False, killed=True),
    ]
    finished = finish(parts, tmp_path / "recording.ogg")
    assert (finished.index_path, finished.recovered) == ("", True)
    assert [(stream.kind, stream.codec) for stream in finished.streams] == [("audio", "opus")]
    assert 4400 < finished.duration_ms <= 5030
    seconds = [round(at / RATE_HZ) for at in numbered.bursts(Path(finished.path))]
    assert seconds == [0, 1, 2, 3, 4]
    with av.open(finished.path) as container:
        assert container.format.name == "ogg"


def test_spans_that_a_crash_of_the_machine_spoilt_cost_the_times_and_not_the_recording(
    tmp_path: Path,
) -> None:
    parts = [record(tmp_path / f"part-{n}.mp4", 1.0, wall_ns=n) for n in (1, 2)]
    spans_path(parts[0]).write_bytes(b"\0" * 20)
    finished = finish(parts, tmp_path / "recording.mp4")
    assert finished.duration_ms == pytest.approx(2000, abs=50)
    assert [span.wall_ns for span in finished.spans] == [2]
