"""The plan's cap holds for every room, however it comes to be."""

import pytest

from rtcstack.errors import RoomExists
from tests.unit.services.conftest import TENANT, World

_CAP = 10


@pytest.fixture
async def acme(world: World) -> World:
    """The world with a tenant of the plan `free`, which has a cap."""
    await world.access.create_key("acme", plan="free")
    return world


@pytest.mark.parametrize(("asked", "shown"), [(None, _CAP), (500, _CAP), (3, 3)])
async def test_a_room_has_no_more_than_the_plan_allows(acme: World, asked: int | None, shown: int) -> None:
    room = await acme.rooms.create("acme", room_id="r", name=None, max_participants=asked, metadata={})
    assert room.max_participants == shown
    assert (await acme.rooms.get("acme", "r")).max_participants == shown
    assert acme.livekit.shapes["acme:r"].max_participants == shown


async def test_a_token_carries_the_cap_to_a_room_that_is_not_there_yet(acme: World) -> None:
    await acme.rooms.token("acme", "later", identity="a", name="", role="participant", ttl_s=60)
    shape = acme.livekit.token_shapes["acme:later"]
    assert shape is not None
    assert shape.max_participants == _CAP


async def test_a_room_that_somebody_made_by_joining_has_the_cap(acme: World) -> None:
    acme.livekit.rooms.add("acme:joined")
    assert (await acme.rooms.get("acme", "joined")).max_participants == _CAP


async def test_without_a_cap_nothing_is_said(world: World) -> None:
    room = await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})
    assert (room.max_participants, world.livekit.shapes["r"].max_participants) == (None, None)
    large = await world.rooms.create(TENANT, room_id="l", name=None, max_participants=20_000, metadata={})
    assert large.max_participants == 20_000


async def test_the_id_of_a_closed_hall_is_said_to_be_one(world: World) -> None:
    hall, _ = await world.halls.create(
        TENANT, name="x", max_participants=5, record=False, moderation=False, metadata={}
    )
    with pytest.raises(RoomExists, match=f"{hall.id} is the id of a hall, which is open"):
        await world.rooms.create(TENANT, room_id=hall.id, name=None, max_participants=None, metadata={})
    await world.halls.close(TENANT, hall.id)
    with pytest.raises(RoomExists, match=f"{hall.id} is the id of a hall, which was closed"):
        await world.rooms.create(TENANT, room_id=hall.id, name=None, max_participants=None, metadata={})
    assert hall.id not in world.livekit.rooms
