import pytest

from rtcstack.egress.dispatcher.capacity import judge
from rtcstack.egress.dispatcher.host import Host
from rtcstack.egress.dispatcher.load import RecorderLoad
from rtcstack.egress.job import Progress

_TWO_CORES = Host(cores=2.0, memory_bytes=8_000_000_000)


def _load(
    cores: float, *, every: int = 1, late: int = 0, for_s: int = 40, memory_bytes: int = 0
) -> RecorderLoad:
    """A recorder that has said every second how it goes: `late` pictures a second."""
    load = RecorderLoad(30)
    for at_s in range(for_s):
        said = Progress(
            at_s * 1000, at_s * 30, at_s * late, 0, round(at_s * cores * 1000), memory_bytes, every
        )
        load.note(said, float(at_s))
    return load


def test_two_idle_cores_are_promised_to_three_before_any_is_measured() -> None:
    for running in range(3):
        found = judge(_TWO_CORES, [RecorderLoad(30)] * running)
        assert (found.more, found.can_record, found.reason) == (3 - running, True, "")


def test_what_others_do_for_each_recording_is_kept_back_from_the_promise_and_refuses_nothing() -> None:
    """Of 1.8 cores 1.6 are needed by four, and 0.4 by LiveKit and the store for them."""
    fourth = judge(_TWO_CORES, [RecorderLoad(30)] * 3)
    assert (fourth.more, fourth.can_record) == (0, True)
    assert "takes some 0.4 of 2 cores, and LiveKit and the store 0.1 for it" in fourth.reason
    measured = judge(_TWO_CORES, [_load(0.4)] * 3, other_cores=0.1)
    assert measured.more == 1, "what is done for those that run is part of everything else by now"
    assert judge(_TWO_CORES, [RecorderLoad(30)] * 5).can_record
    assert not judge(_TWO_CORES, [RecorderLoad(30)] * 6).can_record, "2.8 cores for recorders alone"


def test_what_is_measured_counts_the_more_the_more_of_it_there_is() -> None:
    assert judge(_TWO_CORES, [_load(0.1)]).more == 4
    assert judge(_TWO_CORES, [_load(0.1)] * 4).more == 4
    assert judge(_TWO_CORES, [_load(0.4)] * 3).more == 1


def test_what_else_keeps_the_machine_busy_is_taken_off_the_promise_and_refuses_nothing() -> None:
    assert judge(_TWO_CORES, [_load(0.4)], other_cores=0.4).more == 2
    busy = judge(_TWO_CORES, [_load(0.4)] * 2, other_cores=0.9)
    assert (busy.more, busy.can_record, busy.cores_other) == (0, True, 0.9)
    assert busy.reason.startswith(
        "0.8 of 2 cores are taken by the recordings that run and 0.9 by everything else."
    )
    idle = judge(_TWO_CORES, [], other_cores=1.7)
    assert (idle.more, idle.can_record) == (0, True)
    assert idle.reason.startswith(
        "1.7 of 2 cores are taken by everything else. Another recording takes some 0.4"
    )


@pytest.mark.parametrize(("every", "late"), [(2, 0), (1, 2)])
def test_as_long_as_one_lacks_pictures_no_other_one_is_promised_any(every: int, late: int) -> None:
    found = judge(_TWO_CORES, [_load(0.1), _load(0.1, every=every, late=late)])
    assert (found.more, found.can_record) == (0, True)
    assert found.reason.startswith("1 of 2 recordings that run lack")


def test_beyond_the_cores_another_one_is_begun_with_fewer_pictures_and_then_refused() -> None:
    full = judge(_TWO_CORES, [_load(0.3)] * 6)
    assert (full.more, full.can_record) == (0, True)
    assert full.reason.startswith("1.8 of 2 cores are taken by the recordings that run. Another")
    beyond = judge(_TWO_CORES, [_load(0.3)] * 8)
    assert (beyond.more, beyond.can_record) == (0, False)
    assert "2.4 of 2 cores" in beyond.reason


def test_one_heavy_recording_does_not_keep_a_small_one_out() -> None:
    assert judge(_TWO_CORES, [_load(1.2)]).can_record


def test_on_one_small_core_there_is_always_room_for_the_first() -> None:
    assert judge(Host(0.25, 8_000_000_000), []).can_record


def test_late_recorders_refuse_only_when_it_is_they_who_fill_the_machine() -> None:
    starved = [_load(0.1, every=3, late=9)] * 3
    assert judge(_TWO_CORES, starved).can_record, "something else keeps the machine busy"
    drowning = judge(_TWO_CORES, [_load(0.45, every=3, late=9)] * 3)
    assert not drowning.can_record
    assert "cannot keep up" in drowning.reason
    assert judge(_TWO_CORES, [_load(0.45, every=3, late=1)] * 3).can_record
    assert judge(_TWO_CORES, [_load(0.45, every=3, late=9, for_s=15)] * 3).can_record


def test_the_settings_may_allow_fewer() -> None:
    found = judge(_TWO_CORES, [RecorderLoad(30)], most=2)
    assert (found.more, found.can_record) == (1, True)
    full = judge(_TWO_CORES, [RecorderLoad(30)] * 2, most=2)
    assert (full.more, full.can_record) == (0, False)
    assert "RTCSTACK_EGRESS__MAX_RECORDINGS" in full.reason


@pytest.mark.parametrize(("memory_bytes", "more"), [(300_000_000, 0), (560_000_000, 2)])
def test_each_needs_its_memory(memory_bytes: int, more: int) -> None:
    found = judge(Host(2.0, memory_bytes), [])
    assert (found.more, found.can_record) == (more, more > 0)


def test_a_large_recording_lets_the_next_be_taken_for_as_large() -> None:
    host = Host(2.0, 700_000_000)
    assert judge(host, [_load(0.1, memory_bytes=100_000_000)]).more == 2
    assert judge(host, [_load(0.1, memory_bytes=400_000_000)]).more == 1


def test_a_recorder_in_the_place_of_one_that_died_is_measured_anew() -> None:
    load = _load(0.5)
    assert load.cores == pytest.approx(0.5)
    load.note(Progress(0, 0, 0, 0, 10), 41.0)
    assert load.cores is None
    load.note(Progress(4000, 120, 0, 0, 810), 45.0)
    assert load.cores == pytest.approx(0.2)
