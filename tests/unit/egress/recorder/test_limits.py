from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcstack.egress.job import Encoding, RecordingJob
from rtcstack.egress.recorder import limits
from rtcstack.egress.recorder.encoder import Encoder


def _job(max_bytes: int) -> RecordingJob:
    return RecordingJob("EG_1", "room", "", "", "", Path(), max_bytes=max_bytes)


def test_without_a_limit_a_file_may_be_as_large_as_it_becomes() -> None:
    assert not limits.is_reached(_job(0), 1 << 60, 1 << 40)


@settings(max_examples=50)
@given(st.integers(0, 10**9), st.integers(0, 10**8))
def test_what_is_under_way_still_fits(size_bytes: int, duration_ms: int) -> None:
    job = _job(size_bytes + 3_000_000)
    second = (job.encoding.video_bitrate_bps + job.encoding.audio_bitrate_bps) // 8
    if not limits.is_reached(job, size_bytes, duration_ms):
        assert size_bytes + 3 * second < job.max_bytes


@pytest.mark.parametrize("every", [1, 3])
def test_closing_a_file_adds_no_more_than_is_reckoned_with(tmp_path: Path, every: int) -> None:
    encoding, file, position = Encoding(128, 72), tmp_path / "part-1.mp4", 0
    encoder = Encoder(file, encoding)
    frame = av.VideoFrame(128, 72, "yuv420p")
    sound = np.random.default_rng(1).normal(0, 0.1, (2, 1024)).astype(np.float32)
    for tick in range(0, 30 * 30, every):
        encoder.write_picture(frame, tick)
        while position < tick * 1600:
            encoder.write_sound(sound, position)
            position += 1024
    before = file.stat().st_size
    encoder.close()
    added = file.stat().st_size - before
    job = RecordingJob("EG_1", "room", "", "", "", tmp_path, encoding=encoding, max_bytes=10**7)
    reckoned = 10 * (30 + 46) * 30
    assert added < reckoned + 3 * (job.encoding.video_bitrate_bps + job.encoding.audio_bitrate_bps) // 8
