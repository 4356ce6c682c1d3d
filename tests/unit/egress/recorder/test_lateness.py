from itertools import pairwise

from rtcstack.egress.recorder.hold import LARGEST_HOLD_NS, Hold
from rtcstack.egress.recorder.lateness import Lateness

MS = 1_000_000
SECOND = 1000 * MS


def noted(*late: tuple[int, int]) -> Lateness:
    lateness = Lateness(50 * MS)
    for at_ms, late_ms in late:
        lateness.note(at_ms * MS, late_ms * MS)
    return lateness


def risen() -> Hold:
    hold = Hold()
    hold.may_rise = True
    return hold


def test_pictures_in_time_are_never_late() -> None:
    lateness = noted(*((at_ms, at_ms % 50) for at_ms in range(0, 3000, 66)))
    assert lateness.shift_ns == lateness.steady_ns == 0


def test_several_that_are_too_late_in_a_row_are_as_late_as_the_one_that_is_least_so() -> None:
    in_time = [(at_ms, 1) for at_ms in range(0, 1000, 66)]
    assert noted(*in_time, (1200, 300), (1260, 250)).steady_ns == 0, "two may be by chance"
    assert noted(*in_time, (1200, 300), (1260, 250), (1310, 280)).steady_ns == 200 * MS
    assert noted(*in_time, (1200, 300), (1260, 20), (1310, 280)).steady_ns == 0


def test_pictures_that_come_all_at_once_say_that_this_machine_stalled() -> None:
    in_time = [(at_ms, 1) for at_ms in range(0, 1000, 66)]
    burst = [(1300, late_ms) for late_ms in (310, 243, 177, 110, 60)]
    assert noted(*in_time, *burst).steady_ns == 0


def test_stamps_that_run_away_are_shifted_back_so_that_the_first_of_two_seconds_is_in_time() -> None:
    late = [(at_ms, at_ms // 7) for at_ms in range(0, 5000, 66)]
    lateness = noted(*late)
    earliest_ms = min(late_ms for at_ms, late_ms in late if at_ms >= late[-1][0] - 2000)
    assert lateness.shift_ns == (earliest_ms - 50) * MS
    assert lateness.steady_ns < 300 * MS, "less than they ran away in two seconds"


def test_a_picture_in_time_ends_the_shift() -> None:
    lateness = noted(*((at_ms, 400) for at_ms in range(0, 3000, 66)))
    assert lateness.shift_ns == 350 * MS
    lateness.note(3001 * MS, 10 * MS)
    assert lateness.shift_ns == 0


def test_of_a_single_late_picture_nothing_is_concluded_about_the_stamps() -> None:
    in_time = [(at_ms, 1) for at_ms in range(0, 1000, 66)]
    assert noted(*in_time, (5000, 250)).shift_ns == 0
    assert noted((0, 300), (200, 300), (400, 300)).shift_ns == 0, "nor of less than a second"


def test_how_late_the_last_picture_was_by_then() -> None:
    lateness = noted((0, 0), (100, 70), (200, 30))
    assert lateness.of_last_ns(150 * MS) == 70 * MS
    assert lateness.of_last_ns(SECOND) == 30 * MS
    assert noted((100, 70)).of_last_ns(50 * MS) == 0


def test_what_is_held_back_stays_so_for_a_minute_and_then_goes_down_unheard() -> None:
    hold = risen()
    hold.want(200 * MS, 10 * SECOND)
    assert hold.at(0) == hold.at(70 * SECOND) == 200 * MS
    held = [hold.at(second * SECOND) for second in range(70, 120)]
    assert {before - after for before, after in pairwise(held)} == {0, 5 * MS}
    assert hold.at(110 * SECOND) == 0


def test_what_is_wanted_again_begins_the_minute_anew_and_less_than_half_does_not() -> None:
    hold = risen()
    hold.want(200 * MS, 0)
    hold.want(90 * MS, 30 * SECOND)
    assert hold.at(65 * SECOND) == 175 * MS
    hold.want(120 * MS, 65 * SECOND)
    assert hold.at(125 * SECOND) == 175 * MS, "it goes no further down"


def test_wants_that_creep_up_cost_a_few_jumps() -> None:
    hold = risen()
    levels = []
    for wanted_ms in range(300):
        hold.want(wanted_ms * MS, wanted_ms * MS)
        levels.append(hold.at(wanted_ms * MS) // MS)
    assert sorted(set(levels)) == [0, 50, 100, 150, 200, 250, 300]
    assert levels[19] == 0, "so little is not worth a jump"


def test_no_more_is_held_back_than_there_is_room_for_during_a_minute() -> None:
    hold = risen()
    hold.want(10 * SECOND, 0)
    assert hold.at(0) == LARGEST_HOLD_NS
    hold.limit(150 * MS, 0)
    hold.want(300 * MS, 59 * SECOND)
    assert hold.at(59 * SECOND) == 150 * MS
    hold.want(300 * MS, 61 * SECOND)
    assert hold.at(61 * SECOND) == 300 * MS, "larger pictures may be gone"


def test_what_is_held_back_is_kept_but_does_not_rise_while_the_clock_is_not_known() -> None:
    hold = risen()
    hold.want(200 * MS, 0)
    hold.may_rise = False
    hold.want(300 * MS, 50 * SECOND)
    assert hold.at(100 * SECOND) == 200 * MS


def test_nothing_is_held_back_before_the_senders_clock_is_known() -> None:
    hold = Hold()
    hold.want(200 * MS, 0)
    assert hold.at(0) == 0
