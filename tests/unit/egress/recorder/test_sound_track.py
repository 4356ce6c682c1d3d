import numpy as np
import pytest

from rtcstack.egress.recorder.clock import RecordingClock
from rtcstack.egress.recorder.media import Sound
from rtcstack.egress.recorder.mixer import limit
from rtcstack.egress.recorder.sound_track import SoundTrack, stretched

FRAME, FRAME_NS, MS = 2400, 50_000_000, 1_000_000


def tone(index: int) -> np.ndarray:
    at = np.arange(FRAME) + index * FRAME
    wave = (np.sin(at * 2 * np.pi * 480 / 48_000) * 8000).astype(np.int16)
    return np.stack([wave, wave], axis=1)


def feed(track: SoundTrack, indices: range, delay_ns: int = 0, lag_ns: int = 0) -> None:
    for index in indices:
        track.accept(Sound(tone(index), (index + 1) * FRAME_NS + delay_ns), lag_ns)


@pytest.mark.parametrize(
    ("count", "length"), [(2400, 2397), (2400, 2550), (480, 480), (2, 5), (1, 3), (5, 1)]
)
def test_stretched_sound_is_interpolated(count: int, length: int) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (2, count)).astype(np.float32)
    at = np.linspace(0, count - 1, length)
    right = np.stack([np.interp(at, np.arange(count), channel) for channel in samples])
    made = stretched(samples, length)
    assert made.dtype == np.float32
    assert np.allclose(made, right, atol=1e-5)


def test_frames_join_without_a_seam_where_they_belong() -> None:
    track = SoundTrack(RecordingClock(0, 30))
    feed(track, range(20))
    out = track.read(0, 20 * FRAME)
    assert out is not None
    expected = np.concatenate([tone(index) for index in range(20)]).T / 32768
    assert np.allclose(out[:, 240:], expected[:, 240:], atol=1e-6)  # the first 5 ms fade in


def test_lag_moves_sound_towards_the_beginning() -> None:
    track = SoundTrack(RecordingClock(0, 30))
    feed(track, range(1, 20), lag_ns=25 * MS)
    out = track.read(0, 19 * FRAME)
    assert out is not None
    first = int(np.flatnonzero(np.abs(out[0]) > 0.01)[0])
    assert first == pytest.approx(FRAME - 1200, abs=100)


def test_a_changed_lag_is_followed_without_a_break() -> None:
    track = SoundTrack(RecordingClock(0, 30))
    feed(track, range(20))
    for index in range(20, 45):
        track.accept(Sound(tone(index), (index + 1) * FRAME_NS), 15 * MS)
    out = track.read(0, 40 * FRAME)
    assert out is not None
    assert track.resyncs == 0
    largest_step = 8000 / 32768 * 2 * np.pi * 480 / 48_000
    assert np.abs(np.diff(out[0, 240:])).max() < 1.2 * largest_step


def test_in_the_first_second_a_changed_lag_is_followed_at_once() -> None:
    track = SoundTrack(RecordingClock(0, 30))
    feed(track, range(2, 6))
    feed(track, range(6, 20), lag_ns=30 * MS)
    out = track.read(0, 20 * FRAME)
    assert out is not None
    assert track.resyncs == 1
    end = int(np.flatnonzero(np.abs(out[0]) > 0.01)[-1])
    assert abs(end - (20 * FRAME - 30 * 48)) < 100
    assert np.abs(np.diff(out[0])).max() < 0.05


def test_an_error_too_large_to_be_left_is_gone_in_two_seconds() -> None:
    track = SoundTrack(RecordingClock(0, 30))
    feed(track, range(22))
    track.read(0, 20 * FRAME)
    feed(track, range(22, 62), lag_ns=35 * MS)
    out = track.read(20 * FRAME, 42 * FRAME)
    assert out is not None
    assert track.resyncs == 0
    end = int(np.flatnonzero(np.abs(out[0]) > 0.01)[-1])
    assert abs(end - (42 * FRAME - 35 * 48)) < 5 * 48


def test_what_was_lost_is_left_out_as_silence_after_one_jump() -> None:
    track = SoundTrack(RecordingClock(0, 30))
    feed(track, range(20))
    feed(track, range(20, 40), delay_ns=200 * MS)
    out = track.read(0, 44 * FRAME)
    assert out is not None
    assert track.resyncs == 1
    assert np.abs(np.diff(out[0])).max() < 0.05


def test_sound_that_comes_after_its_place_was_mixed_is_counted() -> None:
    track = SoundTrack(RecordingClock(0, 30))
    feed(track, range(4))
    track.read(0, 10 * FRAME)
    feed(track, range(4, 6))
    assert track.late == 2 * FRAME
    assert track.missed_ns == 2 * FRAME_NS
    assert track.is_spent


def test_sound_that_jumps_back_over_what_was_heard_is_missing_nowhere() -> None:
    """A jitter buffer that grows: what follows is placed where the same was before."""
    track = SoundTrack(RecordingClock(0, 30))
    feed(track, range(4))
    track.read(0, 4 * FRAME)
    feed(track, range(4, 7), lag_ns=100 * MS)
    assert track.resyncs == 1
    assert track.late == 0
    out = track.read(4 * FRAME, FRAME)
    assert out is not None
    assert out.any()


def test_sound_from_before_the_file_is_missing_nowhere() -> None:
    track = SoundTrack(RecordingClock(5 * FRAME_NS, 30))
    feed(track, range(2))
    track.read(0, FRAME)
    feed(track, range(2, 7))
    assert track.late == FRAME


def test_a_track_longer_than_its_ring_goes_round() -> None:
    track = SoundTrack(RecordingClock(0, 30))
    for index in range(200):
        feed(track, range(index, index + 1))
        if index >= 4:
            out = track.read((index - 4) * FRAME, FRAME)
            assert out is not None
            if index > 4:
                assert np.allclose(out, tone(index - 4).T / 32768, atol=1e-6)


def test_the_limiter_leaves_quiet_sound_alone_and_never_reaches_full_scale() -> None:
    quiet = np.linspace(-0.6, 0.6, 1000, dtype=np.float32).reshape(2, -1)
    assert limit(quiet) is quiet
    loud = np.linspace(-8, 8, 10_000, dtype=np.float32).reshape(1, -1)
    bent = limit(loud)
    assert np.abs(bent).max() < 1
    assert (np.diff(bent) >= 0).all()
