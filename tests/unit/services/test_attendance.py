"""Participant events come late, twice and in any order; who is in a hall does not depend on it."""

import asyncio
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from livekit.protocol.models import ParticipantInfo

from rtcstack.domain.room import Room
from rtcstack.repositories import participants, rooms
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.conftest import world as world_fixture
from tests.unit.services.livekit_events import join, leave, tell

_EVENTS = [("participant_joined", "PA_1"), ("participant_left", "PA_1"), ("participant_joined", "PA_2")]


async def _hall(world: World, tenant_id: str = TENANT) -> Room:
    hall, _ = await world.halls.create(
        tenant_id, name="h", max_participants=50, record=False, moderation=False, metadata={}
    )
    return hall


async def _here(world: World, hall: Room) -> int:
    return await participants.count_here(world.db, hall.tenant_id, hall.id)


async def _empty_since(world: World, hall: Room) -> int | None:
    found = await rooms.find(world.db, hall.tenant_id, hall.id)
    assert found is not None
    return found.empty_since_ms


@given(more=st.lists(st.sampled_from(_EVENTS), max_size=8), order=st.permutations(_EVENTS))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_with_any_repeats_ends_the_same(
    more: list[tuple[str, str]], order: list[tuple[str, str]], tmp_path_factory: object
) -> None:
    asyncio.run(_any_order([*more, *order], tmp_path_factory.mktemp("db")))  # type: ignore[attr-defined]  # pytest's


async def _any_order(events: list[tuple[str, str]], folder: Path) -> None:
    async for world in world_fixture.__wrapped__(folder):
        hall = await _hall(world)
        for name, sid in events:
            await tell(world, name, hall.id, sid)
        assert await _here(world, hall) == 1
        assert await _empty_since(world, hall) is None
        assert (await world.told("participant.joined"), await world.told("participant.left")) == (2, 1)


async def test_a_hall_is_empty_since_the_last_one_left(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id, "PA_1")
    await join(world, hall.id, "PA_2")
    world.clock.advance(5)
    await leave(world, hall.id, "PA_1")
    assert await _empty_since(world, hall) is None
    world.clock.advance(5)
    await leave(world, hall.id, "PA_2")
    assert await _empty_since(world, hall) == hall.created_at_ms + 10_000


async def test_recorders_and_unknown_rooms_do_not_count(world: World) -> None:
    hall = await _hall(world)
    await tell(world, "participant_joined", hall.id, "PA_9", kind=ParticipantInfo.Kind.EGRESS)
    await join(world, "never-heard-of")
    assert await world.count("participants") == 0


async def test_who_never_got_in_neither_came_nor_left(world: World) -> None:
    hall = await _hall(world)
    await tell(world, "participant_connection_aborted", hall.id, "PA_1")
    assert await world.count("participants") == 0


async def test_another_tenants_hall_counts_for_that_tenant(world: World) -> None:
    await world.access.create_key("acme")
    hall = await _hall(world, "acme")
    await join(world, hall.livekit_name)
    assert [here for _, here in await world.halls.list("acme", is_open=None)] == [1]


async def test_all_have_left_a_room_that_finished_but_not_its_next_life(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id, "PA_1", room_sid="RM_1")
    await join(world, hall.id, "PA_2", room_sid="RM_2")  # the events of two lives overtake each other
    await tell(world, "room_finished", hall.id, room_sid="RM_1")
    assert await _here(world, hall) == 1
    assert await _empty_since(world, hall) is None
    await leave(world, hall.id, "PA_1", room_sid="RM_1")
    assert await world.told("participant.left") == 1


async def test_who_comes_again_has_left_before_although_livekit_died_and_did_not_tell(world: World) -> None:
    hall = await _hall(world)
    for sid, joined_at_ms in (("PA_2", 2_000), ("PA_1", 1_000), ("PA_3", 3_000)):
        await tell(
            world,
            "participant_joined",
            hall.id,
            sid,
            identity="anna",
            joined_at_ms=joined_at_ms,
            room_sid=sid,
        )
    assert await _here(world, hall) == 1
    await leave(world, hall.id, "PA_3")
    assert await _here(world, hall) == 0
    assert (await world.told("participant.joined"), await world.told("participant.left")) == (3, 3)


async def test_nothing_comes_after_hall_closed(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id, "PA_1")
    await world.halls.close(TENANT, hall.id)
    await leave(world, hall.id, "PA_1")
    await join(world, hall.id, "PA_2")
    assert (await world.told("participant.joined"), await world.told("participant.left")) == (1, 1)
