"""Stopping what cannot be asked to stop: an egress whose worker is gone, hangs, or has not begun to listen."""

import asyncio
from dataclasses import replace

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import EgressSilent, PartUnavailable, RecordingNotActive
from rtcstack.services.composite import CompositeOptions
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.livekit_events import egress_is

_GONE_S = 25


async def _lost(world: World) -> Recording:
    recording = await world.started("r")
    world.fleet.lose("EG_1")
    return recording


async def test_one_whose_worker_is_gone_is_stopped_and_recovered(world: World) -> None:
    recording = await _lost(world)
    assert (await world.stop.stop(TENANT, "r")).state is RecordingState.STOPPING
    assert world.fleet.stops_noted == ["EG_1"]  # should it come back, it does not go on
    with pytest.raises(RecordingNotActive):
        await world.stop.stop(TENANT, "r")
    assert (await world.start.start(TENANT, "r", CompositeOptions())).id != recording.id
    assert await world.library_jobs[JobKind.RECOVER].run_next()
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING  # its worker may come back
    world.clock.advance(_GONE_S)
    assert await world.library_jobs[JobKind.RECOVER].run_next()
    found = await world.recording(recording.id)
    assert (found.state, found.error_code) == (RecordingState.FAILED, "not_recovered")
    assert found.error == "The Egress worker that recorded it is gone, and the bucket does not have its file."
    assert (await world.told(), await world.told("recording.failed")) == (1, 1)


async def test_a_hung_worker_is_not_a_dead_one(world: World) -> None:
    recording = await _lost(world)
    world.fleet.is_hung = True
    with pytest.raises(PartUnavailable):
        await world.stop.stop(TENANT, "r")
    assert (await world.recording(recording.id)).is_active
    assert await world.count("jobs") == 0


async def test_a_worker_that_has_not_begun_to_listen_is_asked_again(world: World) -> None:
    recording = await world.started("r")
    stop_egress = world.livekit.stop_egress

    async def deaf_at_first(egress_id: str) -> None:
        world.livekit.stop_egress = stop_egress  # type: ignore[method-assign]  # from now on it hears
        raise EgressSilent(f"nobody answers for {egress_id}", part="egress")

    world.livekit.stop_egress = deaf_at_first  # type: ignore[method-assign]  # fault injection
    await world.stop.stop(TENANT, "r")
    assert world.livekit.stops == ["EG_1"]
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING
    assert await world.count("jobs") == 0


async def test_a_room_is_closed_although_its_recording_cannot_be_stopped(world: World) -> None:
    recording = await _lost(world)
    world.fleet.is_hung = True
    await world.rooms.close(TENANT, "r")
    assert world.livekit.rooms == set()
    assert (await world.recording(recording.id)).is_active
    world.fleet.is_hung = False
    await world.hall_recording.run_once()
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING


async def test_a_stop_that_fails_does_not_take_another_ones_back(world: World) -> None:
    seen_by_both = await world.started("r")
    await world.stop.stop(TENANT, "r")

    async def refuse(egress_id: str) -> None:
        raise PartUnavailable(f"no answer about {egress_id}", part="livekit")

    world.livekit.stop_egress = refuse  # type: ignore[method-assign]  # fault injection
    with pytest.raises(PartUnavailable):
        await world.stop._stop(seen_by_both, "EG_1")
    assert (await world.recording(seen_by_both.id)).state is RecordingState.STOPPING


async def test_a_stop_waits_for_the_first_frame_so_that_there_is_a_file(world: World) -> None:
    patient = replace(world, environ={"RTCSTACK_ROOMS__FIRST_FRAME_TIMEOUT_S": "5"})
    recording = await patient.started("r")
    stopping = asyncio.create_task(patient.stop.stop(TENANT, "r"))
    await asyncio.sleep(0.1)
    assert world.livekit.stops == []
    await egress_is(world, recording, EgressStatus.ACTIVE)
    assert (await stopping).state is RecordingState.STOPPING
    assert world.livekit.stops == ["EG_1"]


async def test_one_that_ends_by_itself_meanwhile_was_not_stopped(world: World) -> None:
    patient = replace(world, environ={"RTCSTACK_ROOMS__FIRST_FRAME_TIMEOUT_S": "5"})
    recording = await patient.started("r")
    stopping = asyncio.create_task(patient.stop.stop(TENANT, "r"))
    await asyncio.sleep(0.1)
    await egress_is(world, recording, EgressStatus.FAILED)
    with pytest.raises(RecordingNotActive):
        await stopping
    assert world.livekit.stops == []
