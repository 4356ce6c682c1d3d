import pytest

from rtcstack.egress.recorder.native import instant_ns

MS, US = 1_000_000, 1_000
ARRIVED_NS = 90_000_000 * MS


@pytest.mark.parametrize("late_ms", [-1, 0, 5, 60, 400])
def test_a_picture_delayed_by_threads_keeps_the_time_of_its_stamp(late_ms: int) -> None:
    due_ns = ARRIVED_NS - late_ms * MS
    assert instant_ns(due_ns // US + 10_000, ARRIVED_NS) == due_ns


@pytest.mark.parametrize("stamp_us", [0, -1, ARRIVED_NS // US + 60_000_000, ARRIVED_NS // US - 60_000_000])
def test_no_stamp_or_one_of_another_clock_leaves_the_arrival(stamp_us: int) -> None:
    assert instant_ns(stamp_us, ARRIVED_NS) == ARRIVED_NS
