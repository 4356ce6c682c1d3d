"""Halls with `record: true`: recorded from creation, finished when deserted, and again when somebody returns."""

import asyncio

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import PartUnavailable, RoomNotFound
from rtcstack.repositories import recordings
from rtcstack.services.composite import CompositeOptions
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.livekit_events import egress_is, join, leave, tell

_GRACE_S, _NEVER_JOINED_S = 10, 600


async def _hall(world: World, tenant_id: str = TENANT) -> Room:
    hall, _ = await world.halls.create(
        tenant_id, name="h", max_participants=50, record=True, moderation=False, metadata={}
    )
    return hall


async def _all(world: World, hall: Room) -> list[Recording]:
    """Return the hall's recordings, newest first."""
    return list(await recordings.list_of_room(world.db, hall.tenant_id, hall.id, 100))


async def _states(world: World, hall: Room) -> list[RecordingState]:
    await world.hall_recording.run_once()
    return [recording.state for recording in await _all(world, hall)]


async def _finished(world: World, hall: Room, status: EgressStatus = EgressStatus.COMPLETE) -> None:
    """Have the newest recording's egress end."""
    newest = (await _all(world, hall))[0]
    for reached in (EgressStatus.ACTIVE, status):
        await egress_is(world, newest, reached)


async def test_it_begins_with_the_hall(world: World) -> None:
    hall = await _hall(world)
    [recording] = await _all(world, hall)
    assert (recording.state, recording.egress_id) == (RecordingState.STARTING, "EG_1")
    assert [asked.room_name for asked in world.livekit.started] == [hall.id]


async def test_it_ends_a_grace_after_the_last_departure(world: World) -> None:
    hall = await _hall(world)
    world.clock.advance(1)
    await join(world, hall.id)
    world.clock.advance(100)
    await leave(world, hall.id)
    world.clock.advance(_GRACE_S - 1)
    assert await _states(world, hall) == [RecordingState.STARTING]
    world.clock.advance(1)
    assert await _states(world, hall) == [RecordingState.STOPPING]


async def test_who_returns_within_the_grace_goes_on_in_the_same_recording(world: World) -> None:
    hall = await _hall(world)
    world.clock.advance(1)
    await join(world, hall.id, "PA_1")
    await leave(world, hall.id, "PA_1")
    world.clock.advance(_GRACE_S - 1)
    await join(world, hall.id, "PA_2")
    world.clock.advance(1000)
    assert await _states(world, hall) == [RecordingState.STARTING]


async def test_it_ends_when_nobody_ever_came(world: World) -> None:
    hall = await _hall(world)
    world.clock.advance(_NEVER_JOINED_S - 1)
    assert await _states(world, hall) == [RecordingState.STARTING]
    world.clock.advance(1)
    assert await _states(world, hall) == [RecordingState.STOPPING]


async def test_a_return_starts_a_new_recording(world: World) -> None:
    hall = await _hall(world)
    world.clock.advance(_NEVER_JOINED_S)
    assert await _states(world, hall) == [RecordingState.STOPPING]
    await join(world, hall.id)
    assert await _states(world, hall) == [RecordingState.STARTING, RecordingState.STOPPING]
    first, second = world.livekit.started
    assert first.object_key != second.object_key


async def test_one_begun_by_hand_in_an_empty_hall_waits_for_people_as_long_as_any(world: World) -> None:
    hall = await _hall(world)
    world.clock.advance(1)
    await join(world, hall.id)
    await leave(world, hall.id)
    world.clock.advance(3600)
    assert await _states(world, hall) == [RecordingState.STOPPING]
    await world.start.start(TENANT, hall.id, CompositeOptions())
    world.clock.advance(_NEVER_JOINED_S - 1)
    assert await _states(world, hall) == [RecordingState.STARTING, RecordingState.STOPPING]
    world.clock.advance(1)
    assert await _states(world, hall) == [RecordingState.STOPPING, RecordingState.STOPPING]


async def test_a_callers_stop_holds_until_somebody_comes(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id, "PA_1")
    await world.stop.stop(TENANT, hall.id)
    assert await _states(world, hall) == [RecordingState.STOPPING]
    await join(world, hall.id, "PA_2")
    assert await _states(world, hall) == [RecordingState.STARTING, RecordingState.STOPPING]


async def test_one_that_ends_by_itself_is_followed_by_another_while_people_are_there(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id)
    await _finished(world, hall)
    assert await _states(world, hall) == [RecordingState.STARTING, RecordingState.PROCESSING]


async def test_after_a_failure_the_next_one_waits_a_while(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id)
    await _finished(world, hall, EgressStatus.FAILED)
    assert await _states(world, hall) == [RecordingState.FAILED]
    world.clock.advance(30)
    assert await _states(world, hall) == [RecordingState.STARTING, RecordingState.FAILED]


async def test_a_quota_that_is_free_again_lets_the_hall_be_recorded(world: World) -> None:
    await world.access.create_key("acme", plan="free")
    first = await _hall(world, "acme")
    await world.stop.stop("acme", first.id)
    second = await _hall(world, "acme")
    await join(world, first.livekit_name)
    for _ in range(3):
        assert await _states(world, first) == [RecordingState.STOPPING]
    await world.halls.close("acme", second.id)
    assert await _states(world, first) == [RecordingState.STARTING, RecordingState.STOPPING]


async def test_closing_stops_it(world: World) -> None:
    hall = await _hall(world)
    await world.halls.close(TENANT, hall.id)
    assert await _states(world, hall) == [RecordingState.STOPPING]
    await tell(world, "room_finished", hall.id)
    assert world.livekit.rooms == set()


async def test_one_that_began_while_its_hall_was_closed_is_stopped_after_all(world: World) -> None:
    hall = await _hall(world)
    async with world.db.transaction() as tx:  # as a close that had looked before the recording was reserved
        await tx.execute("UPDATE rooms SET closed_at_ms = 1")
    assert await _states(world, hall) == [RecordingState.STOPPING]
    assert world.livekit.rooms == set()


async def test_nothing_is_begun_between_the_steps_of_a_close(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id)
    stop_egress, delete_room = world.livekit.stop_egress, world.livekit.delete_room

    async def stop_while_the_loop_runs(egress_id: str) -> None:
        await world.hall_recording.run_once()
        await stop_egress(egress_id)
        await world.hall_recording.run_once()

    async def delete_while_the_loop_runs(name: str) -> None:
        await world.hall_recording.run_once()
        await delete_room(name)

    world.livekit.stop_egress = stop_while_the_loop_runs  # type: ignore[method-assign]  # the race, made certain
    world.livekit.delete_room = delete_while_the_loop_runs  # type: ignore[method-assign]  # the same
    await world.halls.close(TENANT, hall.id)
    assert await _states(world, hall) == [RecordingState.STOPPING]
    assert len(world.livekit.started) == 1


async def test_trouble_with_one_hall_delays_no_other(world: World) -> None:
    troubled = [await _hall(world) for _ in range(3)]
    others = [await _hall(world) for _ in range(3)]
    stop_egress, forever = world.livekit.stop_egress, asyncio.Event()
    stuck = {(await _all(world, hall))[0].egress_id for hall in troubled}

    async def hang(egress_id: str) -> None:
        if egress_id in stuck:
            await forever.wait()
        await stop_egress(egress_id)

    world.livekit.stop_egress = hang  # type: ignore[method-assign]  # fault injection
    world.clock.advance(_NEVER_JOINED_S)
    await world.hall_recording.run_once()
    assert set(world.livekit.stops) == {(await _all(world, hall))[0].egress_id for hall in others}
    await world.hall_recording.run_once()
    forever.set()
    await world.hall_recording.drain()
    assert sorted(world.livekit.stops) == sorted({*world.livekit.stops, *map(str, stuck)})


async def test_a_hall_that_gives_trouble_rests_longer_and_longer(world: World) -> None:
    await _hall(world)
    asked = 0

    async def refuse(egress_id: str) -> None:
        nonlocal asked
        asked += 1
        raise PartUnavailable(f"no answer about {egress_id}", part="livekit")

    world.livekit.stop_egress = refuse  # type: ignore[method-assign]  # fault injection
    world.clock.advance(_NEVER_JOINED_S)
    for _ in range(60):
        await world.hall_recording.run_once()
        world.clock.advance(1)
    assert 4 <= asked <= 6


async def test_a_start_that_comes_with_a_close_leaves_nothing_behind(world: World) -> None:
    hall = await _hall(world)
    await world.halls.close(TENANT, hall.id)
    with pytest.raises(RoomNotFound):
        await world.recording_start._reserve.reserve(hall, CompositeOptions())
    assert await _states(world, hall) == [RecordingState.STOPPING]


async def test_a_second_close_waits_for_the_start_that_the_first_waits_for(world: World) -> None:
    world.livekit.latency_s = 0.1
    creating = asyncio.create_task(_hall(world))
    while not (halls := await world.halls.list(TENANT, is_open=True)):
        await asyncio.sleep(0.01)
    await asyncio.gather(*(world.halls.close(TENANT, halls[0][0].id) for _ in range(2)))
    assert await _states(world, await creating) == [RecordingState.STOPPING]
    assert (len(world.livekit.started), world.livekit.rooms) == (1, set())


async def test_a_closed_hall_is_not_recorded_again(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id)
    await world.halls.close(TENANT, hall.id)
    await join(world, hall.id, "PA_2")
    await world.recording_queue.start_or_queue(hall, CompositeOptions())
    assert await _states(world, hall) == [RecordingState.STOPPING]
