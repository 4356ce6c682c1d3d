from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.recording import ACTIVE, ENDED, Recording, RecordingState, advance, can_advance
from rtcstack.errors import InvalidTransition

_STATES = list(RecordingState)


@pytest.mark.parametrize(("current", "target"), list(product(_STATES, _STATES)))
def test_advance_and_can_advance_agree(current: RecordingState, target: RecordingState) -> None:
    if can_advance(current, target):
        assert advance(current, target) is target
    else:
        with pytest.raises(InvalidTransition):
            advance(current, target)


@given(st.lists(st.sampled_from(_STATES), max_size=30))
def test_what_has_ended_is_never_active_again(targets: list[RecordingState]) -> None:
    state, has_ended = RecordingState.QUEUED, False
    for target in targets:
        if can_advance(state, target):
            state = target
            has_ended = has_ended or state in ENDED
        assert not (has_ended and state in ACTIVE)


def test_every_state_can_be_reached() -> None:
    reached = {target for current, target in product(_STATES, _STATES) if can_advance(current, target)}
    assert reached == set(_STATES)


@pytest.mark.parametrize(("duration_ms", "duration_s"), [(None, 0), (499, 0), (501, 1), (3_600_400, 3600)])
def test_durations_show_as_whole_seconds(duration_ms: int | None, duration_s: int) -> None:
    recording = Recording("rec_1", "t", "r", RecordingState.READY, "b", "k", 0, duration_ms=duration_ms)
    assert recording.duration_s == duration_s
