"""All outputs of one encoding, written by the recorder's own encoder and read back."""

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from rtcstack.egress.container import transport_stream
from rtcstack.egress.job import Encoding, RecordingJob
from rtcstack.egress.ledger import OFFSET_S, Image, Ledger, Segment
from rtcstack.egress.outputs import ImagesOutput, Outputs, SegmentsOutput
from rtcstack.egress.recorder.encoder import Encoder
from rtcstack.egress.recorder.files import open_files
from tests.support.numbered import RATE_HZ, SMALL, numbers, picture, sound

_BLOCK = RATE_HZ // 10
_LATE = RATE_HZ * 3 // 10
_SEGMENTS = SegmentsOutput("", "l.m3u8", "s", duration_s=2)


def _job(folder: Path, outputs: Outputs, *, part: int = 1, has_video: bool = True) -> RecordingJob:
    return RecordingJob(
        "EG_1", "room", "", "", "", folder, part=part, encoding=SMALL, outputs=outputs, has_video=has_video
    )


def _open(job: RecordingJob) -> Encoder:
    return open_files(job, Ledger(job.folder))


def _write(encoder: Encoder, seconds: float, *, left_out: range = range(0), late: int = _LATE) -> None:
    """Sound comes after its pictures, as it does in a recorder."""
    written, ticks = 0, round(seconds * SMALL.framerate)
    for tick in range(ticks):
        if len(encoder.sources) > 1 and tick not in left_out:
            encoder.write_picture(picture(tick, SMALL), tick)
        while written + _BLOCK + late <= (tick + 1) / SMALL.framerate * RATE_HZ:
            encoder.write_sound(sound(written, _BLOCK), written)
            written += _BLOCK
    while written + _BLOCK <= ticks / SMALL.framerate * RATE_HZ:
        encoder.write_sound(sound(written, _BLOCK), written)
        written += _BLOCK


def _segments(folder: Path) -> list[Segment]:
    return [entry for entry in Ledger(folder).read() if isinstance(entry, Segment)]


def test_a_file_and_segments_get_the_same_pictures(tmp_path: Path) -> None:
    encoder = _open(_job(tmp_path, Outputs(segments=_SEGMENTS)))
    _write(encoder, 5)
    encoder.close()
    found = _segments(tmp_path)
    assert [(s.index, s.begin_ms, s.duration_ms) for s in found] == [
        (0, 0, 2000),
        (1, 2000, 2000),
        (2, 4000, 1000),
    ]
    shown = [numbers(Ledger(tmp_path).file(s)) for s in found]
    assert shown == [list(range(60)), list(range(60, 120)), list(range(120, 150))]
    assert numbers(tmp_path / "part-1.mp4") == list(range(150))
    assert [Ledger(tmp_path).file(s).stat().st_size for s in found] == [s.size_bytes for s in found]


def test_where_pictures_are_left_out_a_segment_begins_with_the_next_one(tmp_path: Path) -> None:
    encoder = _open(_job(tmp_path, Outputs("none", _SEGMENTS)))
    _write(encoder, 5, left_out=range(58, 64))
    encoder.close()
    found = _segments(tmp_path)
    assert [numbers(Ledger(tmp_path).file(s))[0] for s in found] == [0, 64, 120]
    assert sum(s.duration_ms for s in found) == 5000
    assert (tmp_path / "part-1.mp4").stat().st_size == 0


def test_sound_alone_is_cut_by_the_same_grid(tmp_path: Path) -> None:
    encoder = _open(_job(tmp_path, Outputs("none", _SEGMENTS), has_video=False))
    _write(encoder, 5)
    encoder.close()
    found = _segments(tmp_path)
    assert [round(s.begin_ms / 1000, 1) for s in found] == [0, 2, 4]
    assert sum(s.duration_ms for s in found) == pytest.approx(5000, abs=30)


def test_a_later_part_counts_on(tmp_path: Path) -> None:
    for part in (1, 2):
        encoder = _open(
            _job(tmp_path, Outputs(segments=_SEGMENTS, images=(ImagesOutput("i", 1),)), part=part)
        )
        _write(encoder, 3)
        encoder.close()
    assert [(s.part, s.index) for s in _segments(tmp_path)] == [(1, 0), (1, 1), (2, 2), (2, 3)]
    images = [entry for entry in Ledger(tmp_path).read() if isinstance(entry, Image)]
    assert [(i.part, i.index, i.pts_ms) for i in images] == [
        (part, 3 * (part - 1) + n, 1000 * n) for part in (1, 2) for n in range(3)
    ]


def test_a_torn_segment_says_how_far_it_goes(tmp_path: Path) -> None:
    encoder, torn = _open(_job(tmp_path, Outputs("none", _SEGMENTS))), tmp_path / "torn.ts"
    _write(encoder, 3)
    shutil.copy(Ledger(tmp_path).segment_file(1, 1), torn)
    encoder.close()
    with torn.open("ab") as file:
        file.write(b"\x47 torn")
    found = transport_stream.span(torn)
    assert found is not None
    first, last = (ticks / transport_stream.TICKS_HZ - OFFSET_S for ticks in found)
    assert first == pytest.approx(2)
    assert 2.3 < last < 3
    assert transport_stream.cut(torn) == torn.stat().st_size
    assert torn.stat().st_size % transport_stream.PACKET == 0
    assert numbers(torn)[:3] == [60, 61, 62]
    assert transport_stream.span(Path(__file__)) is None


def test_images_fit_and_keep_their_proportions(tmp_path: Path) -> None:
    outputs = (ImagesOutput("a", 1, 100, 100), ImagesOutput("b", 2, width=64), ImagesOutput("c", 60))
    encoder = _open(_job(tmp_path, Outputs("none", images=outputs)))
    _write(encoder, 2.5)
    encoder.close()
    images = [entry for entry in Ledger(tmp_path).read() if isinstance(entry, Image)]
    assert [(i.output, i.pts_ms) for i in images] == [(0, 0), (1, 0), (2, 0), (0, 1000), (0, 2000), (1, 2000)]
    sizes = {}
    for image in images:
        with av.open(str(Ledger(tmp_path).file(image))) as container:
            (frame,) = container.decode(video=0)
            sizes[image.output] = (frame.width, frame.height)
    assert sizes == {0: (100, 100), 1: (64, 36), 2: (320, 180)}
    assert not list((tmp_path / "segments").iterdir())


def test_colours_of_images_are_those_of_the_recording(tmp_path: Path) -> None:
    encoder = _open(_job(tmp_path, Outputs("none", images=(ImagesOutput("a"),))))
    frame = av.VideoFrame(320, 180, "yuv420p")
    for plane, value in zip(frame.planes, (90, 100, 200), strict=True):
        plane.update(np.full(plane.buffer_size, value, np.uint8).tobytes())
    encoder.write_picture(frame, 0)
    encoder.close()
    with av.open(str(Ledger(tmp_path).file(Ledger(tmp_path).read()[0]))) as container:
        (seen,) = container.decode(video=0)
    expected = frame.to_ndarray(format="rgb24")[90, 160].astype(int)
    assert np.abs(seen.to_ndarray(format="rgb24")[90, 160].astype(int) - expected).max() <= 4


def test_opus_stands_in_an_mp4(tmp_path: Path) -> None:
    encoder = Encoder(tmp_path / "a.mp4", Encoding(320, 180, audio_codec="opus"))
    _write(encoder, 2)
    encoder.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "opus"]
