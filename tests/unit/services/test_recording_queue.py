"""Recordings that wait for an Egress worker: the hall is made all the same."""

import asyncio
from dataclasses import replace

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import PartUnavailable, RecordingAlreadyActive, RecordingNotActive
from rtcstack.ports.fleet import FleetCapacity
from rtcstack.ports.livekit import Composite
from rtcstack.repositories import parts, recordings
from rtcstack.services.composite import CompositeOptions
from tests.fakes.fleet import FakeFleet
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.livekit_events import egress_is, join, leave

_NO_CAPACITY = PartUnavailable("no response from servers", part="livekit")
_RETRY_S = 5
_LEASE_S = 4


async def _hall(world: World) -> Room:
    hall, _ = await world.halls.create(
        TENANT, name="h", max_participants=50, record=True, moderation=False, metadata={}
    )
    return hall


async def _waiting(world: World) -> Room:
    """Return a hall whose recording has found no worker."""
    world.livekit.fail_next(_NO_CAPACITY)
    return await _hall(world)


async def _only(world: World, hall: Room) -> Recording:
    [recording] = await recordings.list_of_room(world.db, TENANT, hall.id, 10)
    return recording


async def test_without_capacity_the_hall_is_made_and_its_recording_waits(world: World) -> None:
    hall = await _waiting(world)
    assert hall.id in world.livekit.rooms
    waiting = await _only(world, hall)
    assert (waiting.state, waiting.egress_id) == (RecordingState.QUEUED, None)


async def test_it_begins_when_there_is_a_worker(world: World) -> None:
    hall = await _waiting(world)
    assert not await world.recording_queue.start_queued()  # not due yet
    world.clock.advance(_RETRY_S)
    world.livekit.fail_next(_NO_CAPACITY)
    assert await world.recording_queue.start_queued()
    assert (await _only(world, hall)).state is RecordingState.QUEUED
    world.clock.advance(_RETRY_S)
    assert await world.recording_queue.start_queued()
    begun = await _only(world, hall)
    assert (begun.state, begun.egress_id) == (RecordingState.STARTING, "EG_1")
    assert not await world.recording_queue.start_queued()


async def test_the_one_that_waited_longest_is_first(world: World) -> None:
    first = await _waiting(world)
    world.clock.advance(1)
    await _waiting(world)
    world.clock.advance(_RETRY_S)
    await world.recording_queue.start_queued()
    assert [asked.room_name for asked in world.livekit.started] == [first.id]


async def test_closing_its_hall_ends_it_and_says_why(world: World) -> None:
    hall = await _waiting(world)
    await world.halls.close(TENANT, hall.id)
    ended = await _only(world, hall)
    assert (ended.state, ended.error_code) == (RecordingState.FAILED, "no_capacity")
    assert await world.told("recording.failed") == 1
    world.clock.advance(_RETRY_S)
    assert not await world.recording_queue.start_queued()
    assert world.livekit.rooms == set()


async def test_closing_while_it_starts_waits_for_the_egress_and_stops_it(world: World) -> None:
    world.livekit.latency_s = 0.1
    creating = asyncio.create_task(_hall(world))
    while not (halls := await world.halls.list(TENANT, is_open=True)):
        await asyncio.sleep(0.01)
    await world.halls.close(TENANT, halls[0][0].id)
    hall = await creating
    assert (await _only(world, hall)).state is RecordingState.STOPPING
    assert [egress.status for egress in world.livekit.egresses.values()] == [EgressStatus.ENDING]


async def test_closing_while_it_starts_in_vain_ends_it(world: World) -> None:
    world.livekit.latency_s = 0.1
    world.livekit.fail_next(_NO_CAPACITY)
    creating = asyncio.create_task(_hall(world))
    while not (halls := await world.halls.list(TENANT, is_open=True)):
        await asyncio.sleep(0.01)
    await world.halls.close(TENANT, halls[0][0].id)
    assert (await _only(world, await creating)).state is RecordingState.FAILED


async def test_one_claimed_for_a_hall_that_has_closed_is_not_begun(world: World) -> None:
    hall = await _waiting(world)
    async with world.db.transaction() as tx:  # as a close that had looked before it was reserved
        await tx.execute("UPDATE rooms SET closed_at_ms = 1")
    world.clock.advance(_RETRY_S)
    assert await world.recording_queue.start_queued()
    assert (await _only(world, hall)).state is RecordingState.FAILED
    assert world.livekit.started == []


async def test_a_deserted_hall_does_not_wait_for_ever(world: World) -> None:
    hall = await _waiting(world)
    world.clock.advance(1)
    await join(world, hall.id)
    await leave(world, hall.id)
    world.clock.advance(10)
    await world.hall_recording.run_once()
    assert (await _only(world, hall)).state is RecordingState.FAILED


async def test_what_a_dead_process_had_begun_waits_again(world: World) -> None:
    hall = await _waiting(world)
    world.clock.advance(3600)
    async with world.db.transaction() as tx:
        await tx.execute(
            "UPDATE recordings SET state = 'starting', due_at_ms = NULL, lease_until_ms = :until",
            until=world.clock.now_ms() + 1,
        )
    await world.catch_up.run_once()
    assert (await _only(world, hall)).state is RecordingState.STARTING  # it may be at it still
    world.clock.advance(_LEASE_S)
    await world.catch_up.run_once()
    assert (await _only(world, hall)).state is RecordingState.QUEUED
    assert await world.recording_queue.start_queued()
    assert (await _only(world, hall)).egress_id == "EG_1"


async def test_an_egress_that_began_late_is_taken_and_no_second_one_begun(world: World) -> None:
    hall = await _waiting(world)
    await egress_is(world, await _only(world, hall), EgressStatus.ACTIVE)
    found = await _only(world, hall)
    assert (found.state, found.egress_id) == (RecordingState.RECORDING, "EG_late")
    world.clock.advance(_RETRY_S)
    assert not await world.recording_queue.start_queued()


async def test_an_egress_that_begins_late_while_it_is_tried_again_is_stopped(world: World) -> None:
    hall = await _waiting(world)
    first = await _only(world, hall)
    world.clock.advance(_RETRY_S)
    world.livekit.latency_s = 0.1
    trying = asyncio.create_task(world.recording_queue.start_queued())
    while (await _only(world, hall)).object_key == first.object_key and not trying.done():
        await asyncio.sleep(0.01)
    late = world.livekit.begin(Composite(hall.id, first.object_key, "recordings", {}))
    unwanted = await world.egress_events.is_unwanted(world.db, late)
    await egress_is(world, replace(first, egress_id=late.egress_id), EgressStatus.ACTIVE)
    await trying
    begun = await _only(world, hall)
    assert unwanted
    assert (begun.state, begun.egress_id) == (RecordingState.STARTING, "EG_2")
    assert not await world.egress_events.is_unwanted(world.db, world.livekit.egresses["EG_2"])
    assert await parts.egress_ids(world.db, begun.id) == ["EG_2"]
    asked = [composite.object_key for composite in world.livekit.started]
    assert asked == [first.object_key, begun.object_key] == sorted(set(asked), reverse=True)


async def test_an_egress_that_reports_as_it_is_claimed_is_taken_and_no_second_one_begun(
    world: World,
) -> None:
    hall = await _waiting(world)
    first = await _only(world, hall)
    world.clock.advance(_RETRY_S)

    class Reporting(FakeFleet):
        """It is asked before LiveKit is."""

        async def capacity(self) -> FleetCapacity:
            claimed = await _only(world, hall)
            if claimed.egress_id is None:
                await egress_is(world, claimed, EgressStatus.STARTING)
            return await super().capacity()

    world.fleet.__class__ = Reporting
    assert await world.recording_queue.start_queued()
    found = await _only(world, hall)
    assert (found.egress_id, found.object_key) == ("EG_late", first.object_key)
    assert world.livekit.started == []


async def test_while_nobody_can_be_asked_no_key_is_used_up(world: World) -> None:
    hall = await _waiting(world)
    first = await _only(world, hall)
    world.fleet.has_workers = False
    world.clock.advance(_RETRY_S)
    assert await world.recording_queue.start_queued()
    waiting = await _only(world, hall)
    assert (waiting.state, waiting.object_key) == (RecordingState.QUEUED, first.object_key)
    assert await world.count("abandoned_keys") == 0


async def test_an_earlier_try_that_failed_late_changes_nothing(world: World) -> None:
    hall = await _waiting(world)
    await egress_is(world, await _only(world, hall), EgressStatus.FAILED)
    assert (await _only(world, hall)).state is RecordingState.QUEUED


async def test_other_surfaces_say_that_it_waits(world: World) -> None:
    hall = await _waiting(world)
    with pytest.raises(PartUnavailable, match="waits") as told:
        await world.start.start(TENANT, hall.id, CompositeOptions())
    assert told.value.word == "capacity"
    with pytest.raises(RecordingAlreadyActive):
        await world.start.start_new(TENANT, hall.id, CompositeOptions())
    await world.stop.stop(TENANT, hall.id)
    with pytest.raises(RecordingNotActive):
        await world.stop.stop(TENANT, hall.id)
