from dataclasses import replace

import pytest

from rtcstack.domain.plan import Plan, Plans
from rtcstack.errors import Conflict, Invalid

_SMALL = Plan("small", max_participants=10, simultaneous_recordings=2, stored_bytes=1000, moderation=False)
_OPEN = Plan("open", max_participants=500, simultaneous_recordings=None, stored_bytes=None, moderation=True)


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (10, 10), (11, 10), (10_000, 10)])
def test_participants_are_capped(asked: int, given: int) -> None:
    assert _SMALL.cap_participants(asked) == given


def test_as_many_as_come_are_more_than_a_cap() -> None:
    assert _SMALL.cap_participants(None) == 10


@pytest.mark.parametrize("asked", [None, 1, 4_294_967_295])
def test_without_a_cap_a_room_has_what_was_asked_for(asked: int | None) -> None:
    uncapped = replace(_SMALL, max_participants=None)
    assert uncapped.cap_participants(asked) == asked


@pytest.mark.parametrize(
    ("running", "stored_bytes", "quota"),
    [
        (1, 999, None),
        (2, 0, "simultaneous_recordings"),
        (3, 0, "simultaneous_recordings"),
        (0, 1000, "stored_bytes"),
    ],
)
def test_a_recording_needs_room_under_both_limits(running: int, stored_bytes: int, quota: str | None) -> None:
    if quota is None:
        _SMALL.check_recording(running=running, stored_bytes=stored_bytes)
        return
    with pytest.raises(Conflict) as refused:
        _SMALL.check_recording(running=running, stored_bytes=stored_bytes)
    assert (refused.value.word, refused.value.details["quota"]) == ("quota_reached", quota)


def test_what_has_no_limit_is_never_refused() -> None:
    _OPEN.check_recording(running=10**6, stored_bytes=10**15)


def test_an_unknown_plan_is_refused_with_those_there_are() -> None:
    plans = Plans({"small": _SMALL, "open": _OPEN})
    assert plans.names == ("small", "open")
    assert plans.lowest_with_moderation() == "open"
    with pytest.raises(Invalid, match="'huge'; there are small, open") as refused:
        plans.get("huge")
    assert refused.value.word == "unknown_plan"
