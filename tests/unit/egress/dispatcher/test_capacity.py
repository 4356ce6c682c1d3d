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


def test_two_idle_cores_take_six_before_any_is_measured() -> None:
    for running in range(6):
        found = judge(_TWO_CORES, [RecorderLoad(30)] * running)
        assert (found.more, found.can_record, found.reason) == (6 - running, True, "")


def test_what_is_measured_counts() -> None:
    assert judge(_TWO_CORES, [_load(0.1)] * 4).more == 14
    assert judge(_TWO_CORES, [_load(0.4)] * 3).more == 1


def test_beyond_the_cores_another_one_is_begun_with_fewer_pictures_and_then_refused() -> None:
    full = judge(_TWO_CORES, [_load(0.3)] * 6)
    assert (full.more, full.can_record) == (0, True)
    assert "1.8 of 2 cores" in full.reason
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
