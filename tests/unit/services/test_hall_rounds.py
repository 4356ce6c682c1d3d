"""What is done for halls again and again: whose turn it is, what takes a stop back, which ones are left in LiveKit."""

import asyncio

import pytest

from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.recording import RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.ports.livekit import Composite
from rtcstack.repositories import recordings, rooms
from rtcstack.services.composite import CompositeOptions
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.livekit_events import egress_is, join

_REFUSED = 17
"""One more than are begun in a round."""


async def _hall(world: World, tenant_id: str = TENANT, *, record: bool = True) -> Room:
    hall, _ = await world.halls.create(
        tenant_id, name="h", max_participants=50, record=record, moderation=False, metadata={}
    )
    return hall


async def _states(world: World, hall: Room) -> list[RecordingState]:
    """Return those of the hall's recordings, newest first."""
    found = await recordings.list_of_room(world.db, hall.tenant_id, hall.id, 100)
    return [recording.state for recording in found]


async def test_a_tenant_over_its_quota_keeps_no_others_hall_from_being_recorded(world: World) -> None:
    for tenant_id in ("acme", "beta"):
        await world.access.create_key(tenant_id, plan="free")
    await _hall(world, "acme")  # the one recording that its plan allows
    async with world.db.transaction() as tx:
        for n in range(_REFUSED):
            await tx.execute(
                """INSERT INTO rooms (tenant_id, id, kind, name, metadata, created_at_ms, record)
                    VALUES ('acme', :id, 'hall', 'h', '{}', 1, 1)""",
                id=f"h_{n:02}",
            )
    others = await _hall(world, "beta")
    await world.stop.stop("beta", others.id)
    await join(world, others.livekit_name)
    for _ in range(3):
        await world.hall_recording.run_once()
        world.clock.advance(1)
    assert await _states(world, others) == [RecordingState.STARTING, RecordingState.STOPPING]


async def test_a_start_takes_a_callers_stop_back(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id)
    await world.stop.stop(TENANT, hall.id)
    by_hand = await world.start.start(TENANT, hall.id, CompositeOptions())
    await egress_is(world, by_hand, EgressStatus.FAILED)
    world.clock.advance(30)
    await world.hall_recording.run_once()
    expected = [RecordingState.STARTING, RecordingState.FAILED, RecordingState.STOPPING]
    assert sorted(await _states(world, hall)) == sorted(expected)


async def test_a_start_that_comes_to_nothing_leaves_the_hall_stopped(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id)
    await world.stop.stop(TENANT, hall.id)
    start_composite = world.livekit.start_composite

    async def refuse(_: Composite) -> EgressSnapshot:
        raise PartRefused("no", part="egress")

    world.livekit.start_composite = refuse  # type: ignore[method-assign]  # fault injection
    with pytest.raises(PartRefused):
        await world.start.start(TENANT, hall.id, CompositeOptions())
    world.livekit.start_composite = start_composite  # type: ignore[method-assign]  # it is back
    before = await _states(world, hall)
    world.clock.advance(60)
    await world.hall_recording.run_once()
    assert await _states(world, hall) == before


async def test_a_closed_hall_that_livekit_still_has_is_ended_there_later(world: World) -> None:
    """Its recording was stopped, so that nothing else would look at it again."""
    hall = await _hall(world)
    async with world.db.transaction() as tx:  # as a close that had looked before the recording was reserved
        await tx.execute("UPDATE rooms SET closed_at_ms = 1")
    delete_room = world.livekit.delete_room

    async def refuse(name: str) -> None:
        world.livekit.delete_room = delete_room  # type: ignore[method-assign]  # it is back
        raise PartUnavailable(f"no answer about {name}", part="livekit")

    world.livekit.delete_room = refuse  # type: ignore[method-assign]  # fault injection
    await world.hall_recording.run_once()
    assert await _states(world, hall) == [RecordingState.STOPPING]
    assert world.livekit.rooms == {hall.id}
    world.clock.advance(2)
    await world.hall_recording.run_once()
    assert world.livekit.rooms == set()


async def test_what_a_process_before_this_one_closed_by_half_is_ended_in_livekit(world: World) -> None:
    hall, other = await _hall(world, record=False), await _hall(world, record=False)
    world.clock.advance(60)
    async with world.db.transaction() as tx:
        await rooms.close(tx, TENANT, hall.id, world.clock.now_ms())
    await world.hall_recording.run_once()
    assert world.livekit.rooms == {other.id}


async def test_a_close_whose_caller_hangs_up_is_completed(world: World) -> None:
    hall = await _hall(world, record=False)
    asked, delete_room = asyncio.Event(), world.livekit.delete_room

    async def hang(name: str) -> None:
        asked.set()
        world.livekit.delete_room = delete_room  # type: ignore[method-assign]  # from now on it answers
        await asyncio.Event().wait()
        await delete_room(name)

    world.livekit.delete_room = hang  # type: ignore[method-assign]  # fault injection
    await world.hall_recording.run_once()  # what a process before this one may have left is known
    closing = asyncio.create_task(world.halls.close(TENANT, hall.id))
    await asked.wait()
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await world.hall_recording.run_once()
    assert world.livekit.rooms == set()
