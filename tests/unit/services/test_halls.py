import json
from dataclasses import replace
from typing import Any

import pytest

from rtcstack.domain.room import MAX_METADATA_DEPTH, Room
from rtcstack.errors import Conflict, DiskFull, Forbidden, Invalid, PartUnavailable, RoomNotFound
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.livekit_events import join, tell


async def _hall(world: World, tenant_id: str = TENANT, **fields: Any) -> Room:
    asked = {
        "name": "demo",
        "max_participants": 50,
        "record": False,
        "moderation": False,
        "metadata": {},
        **fields,
    }
    hall, _token = await world.halls.create(tenant_id, **asked)
    return hall


async def _told(world: World, event: str) -> list[dict[str, Any]]:
    rows = await world.db.all("SELECT body FROM outbox WHERE event = :event", event=event)
    return [json.loads(row["body"]) for row in rows]


async def test_a_hall_is_made_in_livekit_with_its_cap_and_lasts(world: World) -> None:
    hall = await _hall(world, max_participants=7, metadata={"customer": "ä"})
    assert hall.id.startswith("h_")
    shape = world.livekit.shapes[hall.id]
    assert (shape.max_participants, shape.is_lasting) == (7, True)
    assert json.loads(shape.metadata) == {"customer": "ä"}
    assert await world.halls.get(TENANT, hall.id) == (hall, 0)
    [created] = await _told(world, "hall.created")
    assert created["data"]["metadata"] == {"customer": "ä"}


async def test_the_plan_caps_the_participants(world: World) -> None:
    await world.access.create_key("acme", plan="free")
    hall = await _hall(world, "acme", max_participants=5000)
    assert hall.max_participants == 10
    assert world.livekit.shapes[hall.livekit_name].max_participants == 10


async def test_moderation_needs_its_plan_and_then_a_provider(world: World) -> None:
    await world.access.create_key("acme", plan="free")
    with pytest.raises(Forbidden, match="growth") as refused:
        await _hall(world, "acme", moderation=True)
    assert refused.value.word == "plan_required"
    with pytest.raises(Conflict) as missing:
        await _hall(world, moderation=True)
    assert missing.value.word == "moderation_not_configured"
    assert world.livekit.rooms == set()


async def test_record_needs_a_bucket(world: World) -> None:
    own_only = replace(world, environ={"RTCSTACK_STORAGE__REQUIRE_OWN": "true"})
    with pytest.raises(Conflict) as refused:
        await _hall(own_only, record=True)
    assert refused.value.word == "storage_not_configured"
    assert (await _hall(own_only)).record is False
    assert (await _hall(world, record=True)).record is True


async def test_a_quota_refuses_the_whole_hall(world: World) -> None:
    await world.access.create_key("acme", plan="free")
    first = await _hall(world, "acme", record=True)
    with pytest.raises(Conflict, match="1 recording at a time") as refused:
        await _hall(world, "acme", record=True)
    assert refused.value.word == "quota_reached"
    assert [hall.id for hall, _ in await world.halls.list("acme", is_open=None)] == [first.id]
    assert world.livekit.rooms == {first.livekit_name}
    assert len(await _told(world, "hall.created")) == 1


@pytest.mark.parametrize(
    ("metadata", "is_fine"),
    [
        ({"k": "x" * (16 * 1024 - 8)}, True),
        ({"k": "x" * (16 * 1024 - 7)}, False),
        ({"k": "ä" * (8 * 1024 - 4)}, True),
        ({"k": "ä" * (8 * 1024 - 3)}, False),
    ],
)
async def test_metadata_has_up_to_16_kib(world: World, metadata: dict[str, Any], is_fine: bool) -> None:
    if is_fine:
        hall = await _hall(world, metadata=metadata)
        assert (await world.halls.get(TENANT, hall.id))[0].metadata == metadata
    else:
        with pytest.raises(Invalid, match="16 KiB"):
            await _hall(world, metadata=metadata)


def _nested(depth: int) -> dict[str, Any]:
    inner: Any = {}
    for n in range(depth - 1):
        inner = {"a": inner} if n % 2 else {"a": [inner]}
    return inner  # type: ignore[no-any-return]  # at least one object


async def test_metadata_may_be_nested_deep_and_no_deeper_than_readers_can(world: World) -> None:
    hall = await _hall(world, metadata=_nested(100))
    assert (await world.halls.get(TENANT, hall.id))[0].metadata == _nested(100)
    with pytest.raises(Invalid, match=f"nested {MAX_METADATA_DEPTH} deep"):
        await _hall(world, metadata=_nested(900))


async def test_the_list_is_newest_first_filtered_and_at_most_100(world: World) -> None:
    made = []
    for _ in range(102):
        world.clock.advance(1)
        made.append((await _hall(world)).id)
    await world.halls.close(TENANT, made[-1])
    listed = [hall.id for hall, _ in await world.halls.list(TENANT, is_open=None)]
    assert listed == made[:1:-1]
    assert [hall.id for hall, _ in await world.halls.list(TENANT, is_open=False)] == [made[-1]]
    assert [hall.id for hall, _ in await world.halls.list(TENANT, is_open=True)] == made[-2:0:-1]


async def test_a_room_and_another_tenants_hall_are_no_halls(world: World) -> None:
    await world.access.create_key("acme")
    foreign = await _hall(world, "acme")
    await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})
    for hall_id in ("r", foreign.id, "h_unknown"):
        with pytest.raises(RoomNotFound):
            await world.halls.get(TENANT, hall_id)
        with pytest.raises(RoomNotFound):
            await world.halls.close(TENANT, hall_id)
    assert await world.halls.list(TENANT, is_open=None) == []


async def test_closing_twice_tells_once_and_sends_everybody_away(world: World) -> None:
    hall = await _hall(world)
    await join(world, hall.id, "PA_1")
    await join(world, hall.id, "PA_2")
    await world.halls.close(TENANT, hall.id)
    closed, here = await world.halls.get(TENANT, hall.id)
    world.clock.advance(60)
    await world.halls.close(TENANT, hall.id)
    assert await world.halls.get(TENANT, hall.id) == (closed, here) == (closed, 0)
    assert world.livekit.rooms == set()
    assert (await world.told("hall.closed"), await world.told("participant.left")) == (1, 2)


async def test_closing_through_the_rooms_surface_is_the_same(world: World) -> None:
    hall = await _hall(world)
    await world.rooms.close(TENANT, hall.id)
    assert (await world.halls.get(TENANT, hall.id))[0].is_closed
    assert await world.told("hall.closed") == 1
    with pytest.raises(RoomNotFound):
        await world.rooms.get(TENANT, hall.id)


async def test_a_close_that_livekit_did_not_hear_is_made_up_for(world: World) -> None:
    hall = await _hall(world)

    class Deaf(type(world.livekit)):  # type: ignore[misc]  # the fake's own class
        async def delete_room(self, name: str) -> None:
            raise PartUnavailable(f"no answer about {name}", part="livekit")

    hearing, world.livekit.__class__ = world.livekit.__class__, Deaf
    with pytest.raises(PartUnavailable):
        await world.halls.close(TENANT, hall.id)
    await world.halls.close(TENANT, hall.id)
    world.livekit.__class__ = hearing
    await world.halls.close(TENANT, hall.id)
    assert world.livekit.rooms == set()


async def test_a_hall_that_the_database_does_not_take_is_not_left_in_livekit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_args: object) -> None:
        raise DiskFull("the disk of the database is full")

    monkeypatch.setattr("rtcstack.repositories.rooms.add", refuse)
    with pytest.raises(DiskFull):
        await _hall(world)
    assert world.livekit.rooms == set()


async def test_livekit_keeps_an_open_hall_and_no_closed_one(world: World) -> None:
    hall = await _hall(world, max_participants=3)
    world.livekit.rooms.clear()
    world.livekit.shapes.clear()
    await tell(world, "room_finished", hall.id)
    assert world.livekit.rooms == {hall.id}
    assert world.livekit.shapes[hall.id].max_participants == 3
    await world.halls.close(TENANT, hall.id)
    await tell(world, "room_finished", hall.id, room_sid="RM_2")
    assert world.livekit.rooms == set()
    world.livekit.rooms.add(hall.id)  # somebody joined it with a token of before
    await tell(world, "room_started", hall.id, room_sid="RM_3")
    assert world.livekit.rooms == set()


async def test_no_token_lets_anybody_into_a_closed_hall(world: World) -> None:
    hall = await _hall(world)
    asked = {"identity": "a", "name": "", "role": "participant", "ttl_s": 60}
    await world.rooms.token(TENANT, hall.id, **asked)
    await world.halls.close(TENANT, hall.id)
    with pytest.raises(RoomNotFound):
        await world.rooms.token(TENANT, hall.id, **asked)
