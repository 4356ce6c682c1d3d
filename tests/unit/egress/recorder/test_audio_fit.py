from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.recorder.audio_fit import ArrivalFit

FRAME, FRAME_NS = 2400, 50_000_000
MS = 1_000_000
begins = st.integers(0, 10**15)


@given(begins)
def test_without_jitter_a_frame_begins_its_own_length_before_its_arrival(begin_ns: int) -> None:
    fit = ArrivalFit()
    for index in range(1, 200):
        assert abs(fit.place(FRAME, begin_ns + index * FRAME_NS) - (begin_ns + (index - 1) * FRAME_NS)) <= 2


@given(st.lists(st.integers(0, 8 * MS), min_size=120, max_size=200))
def test_jitter_of_threads_hardly_moves_the_places(delays_ns: list[int]) -> None:
    fit = ArrivalFit()
    for index, delay_ns in enumerate(delays_ns):
        placed_ns = fit.place(FRAME, (index + 1) * FRAME_NS + delay_ns)
        assert 0 <= placed_ns - index * FRAME_NS <= 8 * MS


@given(st.integers(1, 20), st.integers(40, 150))
def test_a_backlog_leaves_no_offset_behind(stalled: int, at: int) -> None:
    fit = ArrivalFit()
    released_ns = (at + stalled) * FRAME_NS
    for index in range(300):
        on_time_ns = (index + 1) * FRAME_NS
        arrived_ns = released_ns if at <= index + 1 <= at + stalled else on_time_ns
        placed_ns = fit.place(FRAME, arrived_ns)
        assert abs(placed_ns - index * FRAME_NS) <= 2
    assert fit.missed_ns == 0


@given(st.integers(45, 2000))
def test_after_lost_samples_the_places_follow_within_half_a_second(lost_ms: int) -> None:
    fit = ArrivalFit()
    for index in range(150):
        shift_ns = lost_ms * MS if index >= 100 else 0
        placed_ns = fit.place(FRAME, (index + 1) * FRAME_NS + shift_ns)
        if not 100 <= index < 110:
            assert abs(placed_ns - index * FRAME_NS - shift_ns) <= 2
    assert abs(fit.missed_ns - lost_ms * MS) <= 2


def test_a_slow_clock_is_followed() -> None:
    fit = ArrivalFit()
    for index in range(2000):
        drifted_ns = int(index * FRAME_NS * 1.0001)
        placed_ns = fit.place(FRAME, drifted_ns + FRAME_NS)
        assert abs(placed_ns - drifted_ns) < 1 * MS
    assert fit.missed_ns == 0


def test_the_steps_of_a_streams_first_second_are_no_loss() -> None:
    fit = ArrivalFit()
    for index in range(200):
        fit.place(FRAME, (index + 1) * FRAME_NS + (60 * MS if index >= 10 else 0))
    assert fit.missed_ns == 0


def test_what_came_late_after_all_is_not_missing() -> None:
    fit = ArrivalFit()
    for index in range(300):
        fit.place(FRAME, (index + 1) * FRAME_NS + (300 * MS if 100 <= index < 200 else 0))
    assert fit.missed_ns == 0
