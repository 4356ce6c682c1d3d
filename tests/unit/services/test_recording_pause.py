"""Pausing and resuming: what the recorder is told, what the row says, and who cannot be asked."""

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import livekit_name
from rtcstack.errors import Conflict, PartUnavailable, RecordingNotActive
from rtcstack.repositories import pauses
from rtcstack.services.composite import CompositeOptions
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.livekit_events import egress_is


async def _recording(world: World) -> Recording:
    recording = await world.started("r")
    await egress_is(world, recording, EgressStatus.ACTIVE)
    return recording


async def _state(world: World, recording: Recording) -> RecordingState:
    return (await world.recording(recording.id)).state


async def _audited(world: World) -> list[str]:
    rows = await world.db.all(
        "SELECT action FROM audit_log WHERE action IN ('recording.pause', 'recording.resume')"
    )
    return [row["action"] for row in rows]


async def test_a_pause_and_its_end_are_told_kept_and_audited_once(world: World) -> None:
    recording = await _recording(world)
    began_ms = world.clock.now_ms()
    for _ in range(2):
        assert (await world.recording_pause.pause(TENANT, "r")).state is RecordingState.PAUSED
        assert world.fleet.paused == {"EG_1"}
        assert await _state(world, recording) is RecordingState.PAUSED
        world.clock.advance(2)
    for _ in range(2):
        assert (await world.recording_pause.resume(TENANT, "r")).state is RecordingState.RECORDING
        assert world.fleet.paused == set()
        assert await _state(world, recording) is RecordingState.RECORDING
        world.clock.advance(2)
    assert await _audited(world) == ["recording.pause", "recording.resume"]
    assert set(world.livekit.nudges) == {(livekit_name(TENANT, "r"), "rtcstack.recording")}
    assert len(world.livekit.nudges) >= 2, "whoever is in the room hears of both"
    assert await pauses.list_of(world.db, recording.id) == [(began_ms, began_ms + 4000)]


async def test_one_that_pauses_again_in_the_same_instant_is_paused(world: World) -> None:
    recording = await _recording(world)
    at_ms = world.clock.now_ms()
    await world.recording_pause.pause(TENANT, "r")
    await world.recording_pause.resume(TENANT, "r")
    await world.recording_pause.pause(TENANT, "r")
    assert await pauses.list_of(world.db, recording.id) == [(at_ms, None)], "nobody has ended it"


async def test_what_nobody_records_cannot_be_paused(world: World) -> None:
    for call in (world.recording_pause.pause, world.recording_pause.resume):
        with pytest.raises(RecordingNotActive):
            await call(TENANT, "nowhere")


async def test_what_has_no_first_frame_yet_cannot_be_paused(world: World) -> None:
    recording = await world.started("r")
    with pytest.raises(Conflict) as refused:
        await world.recording_pause.pause(TENANT, "r")
    assert refused.value.word == "recording_not_begun"
    assert await _state(world, recording) is RecordingState.STARTING


async def test_a_worker_of_another_kind_is_told_of_in_words_and_nothing_changes(world: World) -> None:
    recording = await _recording(world)
    world.fleet.is_stock = True
    with pytest.raises(Conflict) as refused:
        await world.recording_pause.pause(TENANT, "r")
    assert refused.value.word == "pause_not_supported"
    assert await _state(world, recording) is RecordingState.RECORDING


async def test_a_worker_that_does_not_answer_is_told_as_soon_as_it_does(world: World) -> None:
    recording = await _recording(world)
    world.fleet.is_hung = True
    with pytest.raises(PartUnavailable):
        await world.recording_pause.pause(TENANT, "r")
    assert await _state(world, recording) is RecordingState.PAUSED
    await world.recording_pause.keep_all()
    world.fleet.is_hung = False
    assert world.fleet.paused == set()
    await world.recording_pause.keep_all()
    assert world.fleet.paused == {"EG_1"}


async def test_one_whose_worker_is_gone_stays_paused_when_it_is_to_go_on(world: World) -> None:
    recording = await _recording(world)
    await world.recording_pause.pause(TENANT, "r")
    world.fleet.lose("EG_1")
    with pytest.raises(PartUnavailable):
        await world.recording_pause.resume(TENANT, "r")
    with pytest.raises(PartUnavailable):
        await world.recording_pause.pause(TENANT, "r")
    assert await _state(world, recording) is RecordingState.PAUSED


async def test_a_resume_that_comes_while_a_pause_is_repeated_wins(world: World) -> None:
    recording = await _recording(world)
    await world.recording_pause.pause(TENANT, "r")
    set_paused = world.fleet.set_paused

    async def late(egress_id: str, *, is_paused: bool) -> object:
        if is_paused:
            world.fleet.set_paused = set_paused  # type: ignore[method-assign]  # from now on it is on time
            await world.recording_pause.resume(TENANT, "r")
        return await set_paused(egress_id, is_paused=is_paused)

    world.fleet.set_paused = late  # type: ignore[method-assign,assignment]  # fault injection
    await world.recording_pause.keep_all()
    assert await _state(world, recording) is RecordingState.RECORDING
    assert world.fleet.paused == set()


async def test_a_paused_recording_is_stopped_like_any_other(world: World) -> None:
    recording = await _recording(world)
    await world.recording_pause.pause(TENANT, "r")
    assert (await world.start.start(TENANT, "r", CompositeOptions())).id == recording.id
    assert (await world.stop.stop(TENANT, "r")).state is RecordingState.STOPPING
    with pytest.raises(RecordingNotActive):
        await world.recording_pause.resume(TENANT, "r")


async def test_a_resume_that_comes_while_the_worker_is_told_to_pause_wins(world: World) -> None:
    recording = await _recording(world)
    set_paused = world.fleet.set_paused

    async def late(egress_id: str, *, is_paused: bool) -> object:
        if is_paused:
            world.fleet.set_paused = set_paused  # type: ignore[method-assign]  # from now on it is on time
            await world.recording_pause.resume(TENANT, "r")
        return await set_paused(egress_id, is_paused=is_paused)

    world.fleet.set_paused = late  # type: ignore[method-assign,assignment]  # fault injection
    answer = await world.recording_pause.pause(TENANT, "r")
    assert world.fleet.paused == set()
    assert await _state(world, recording) is answer.state is RecordingState.RECORDING
