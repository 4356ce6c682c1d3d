"""A stop that is taken back: the recording is what it would be without it, whatever was heard meanwhile."""

from collections.abc import Awaitable, Callable

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import PartUnavailable, RecordingNotActive
from rtcstack.repositories import recordings
from rtcstack.services.egress_wait import wait_for_first_frame
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.livekit_events import egress_is


def _is_not_heard(world: World, meanwhile: Callable[[], Awaitable[object]]) -> None:
    """Have LiveKit not answer to stops, and something happen before that is known."""

    async def refuse(egress_id: str) -> None:
        await meanwhile()
        raise PartUnavailable(f"no answer about {egress_id}", part="livekit")

    world.livekit.stop_egress = refuse  # type: ignore[method-assign,assignment]  # fault injection


async def _recording(world: World) -> Recording:
    recording = await world.started("r")
    await egress_is(world, recording, EgressStatus.ACTIVE)
    return recording


async def _undone(world: World) -> int:
    rows = await world.db.all("SELECT 1 FROM audit_log WHERE action = 'recording.stop_undone'")
    return len(rows)


async def test_one_whose_first_frame_came_meanwhile_records_and_that_is_told(world: World) -> None:
    recording = await world.started("r")
    _is_not_heard(world, lambda: egress_is(world, recording, EgressStatus.ACTIVE))
    with pytest.raises(PartUnavailable):
        await world.stop.stop(TENANT, "r")
    now = await world.recording(recording.id)
    assert (now.state, now.stopped_at_ms) == (RecordingState.RECORDING, None)
    assert (await world.told("recording.started"), await _undone(world)) == (1, 1)


async def test_one_that_ends_meanwhile_is_stopping(world: World) -> None:
    recording = await _recording(world)
    _is_not_heard(world, lambda: egress_is(world, recording, EgressStatus.ENDING))
    assert (await world.stop.stop(TENANT, "r")).state is RecordingState.STOPPING
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING
    assert await _undone(world) == 0


async def test_one_that_was_paused_just_before_is_paused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = await _recording(world)
    _is_not_heard(world, lambda: egress_is(world, recording, EgressStatus.ACTIVE))

    async def paused_after_the_look(*args: object) -> Recording | None:
        seen = await wait_for_first_frame(*args)  # type: ignore[arg-type]  # what the stop says
        await world.recording_pause.pause(TENANT, "r")
        return seen

    monkeypatch.setattr("rtcstack.services.recording_stop.wait_for_first_frame", paused_after_the_look)
    with pytest.raises(PartUnavailable):
        await world.stop.stop(TENANT, "r")
    assert (await world.recording(recording.id)).state is RecordingState.PAUSED
    assert world.fleet.paused == {"EG_1"}


async def test_a_pause_that_a_stop_came_before_pauses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = await _recording(world)

    async def stopped_after_the_look(*args: object) -> Recording | None:
        seen = await wait_for_first_frame(*args)  # type: ignore[arg-type]  # what the pause says
        async with world.db.transaction() as tx:
            assert await recordings.stop(tx, recording.id, world.clock.now_ms())
        return seen

    monkeypatch.setattr("rtcstack.services.recording_pause.wait_for_first_frame", stopped_after_the_look)
    with pytest.raises(RecordingNotActive):
        await world.recording_pause.pause(TENANT, "r")
    assert world.fleet.paused == set(), "should the stop be taken back, nobody would let it go on"
