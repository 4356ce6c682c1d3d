from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.recorder.clock import NS, RecordingClock

starts = st.integers(0, 10**18)
framerates = st.sampled_from([15, 24, 25, 30, 60])


@given(starts, framerates, st.integers(0, 10**8))
def test_deadlines_never_drift(start_ns: int, framerate: int, tick: int) -> None:
    clock = RecordingClock(start_ns, framerate)
    assert abs((clock.deadline_ns(tick) - start_ns) * framerate - tick * NS) < framerate


@given(starts, framerates, st.integers(0, 10**7))
def test_a_tick_is_late_from_the_next_deadline_on(start_ns: int, framerate: int, tick: int) -> None:
    clock = RecordingClock(start_ns, framerate)
    following = clock.deadline_ns(tick + 1)
    assert not clock.is_late(tick, following - 1)
    assert clock.is_late(tick, following)


@given(starts, st.integers(-(10**6), 10**9))
def test_samples_count_from_the_start(start_ns: int, sample: int) -> None:
    clock = RecordingClock(start_ns, 30)
    assert clock.sample_at(start_ns + round(sample * NS / 48_000), 48_000) == sample
