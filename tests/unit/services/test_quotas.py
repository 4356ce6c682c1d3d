import pytest

from rtcstack.errors import Conflict
from rtcstack.repositories import purging
from rtcstack.services.composite import CompositeOptions
from tests.unit.services.conftest import World

_FREE_BYTES = 10_737_418_240
_DEFAULTS = CompositeOptions()


async def _room(world: World, room_id: str) -> str:
    await world.rooms.create("acme", room_id=room_id, name=None, max_participants=None, metadata={})
    return room_id


@pytest.fixture
async def acme(world: World) -> World:
    await world.access.create_key("acme", plan="free")
    return world


async def test_one_recording_too_many_is_refused_in_words(acme: World) -> None:
    await acme.start.start("acme", await _room(acme, "first"), _DEFAULTS)
    with pytest.raises(Conflict) as refused:
        await acme.start.start("acme", await _room(acme, "second"), _DEFAULTS)
    assert refused.value.word == "quota_reached"
    assert refused.value.details == {"quota": "simultaneous_recordings", "limit": 1}
    assert refused.value.message == "The plan free allows 1 recording at a time; stop one first."
    await acme.stop.stop("acme", "first")
    await acme.start.start("acme", "second", _DEFAULTS)


async def test_one_recording_again_is_not_one_more(acme: World) -> None:
    room = await _room(acme, "r")
    first = await acme.start.start("acme", room, _DEFAULTS)
    assert (await acme.start.start("acme", room, _DEFAULTS)).id == first.id


async def test_stored_bytes_are_counted_until_they_are_purged(acme: World) -> None:
    stored = await acme.start.start("acme", await _room(acme, "r"), _DEFAULTS)
    async with acme.db.transaction() as tx:
        await tx.execute("UPDATE recordings SET state = 'ready', size_bytes = :size", size=_FREE_BYTES)
    with pytest.raises(Conflict, match="bytes of recordings") as refused:
        await acme.start.start("acme", "r", _DEFAULTS)
    assert refused.value.details == {"quota": "stored_bytes", "limit": _FREE_BYTES}
    await acme.recording_delete.delete("acme", stored.id)
    with pytest.raises(Conflict, match="deleted ones count until their data is purged"):
        await acme.start.start("acme", "r", _DEFAULTS)
    async with acme.db.transaction() as tx:
        await purging.purged(tx, stored.id, 1)
    await acme.start.start("acme", "r", _DEFAULTS)


async def test_another_tenants_recordings_do_not_count(acme: World) -> None:
    await acme.started("theirs")
    await acme.start.start("acme", await _room(acme, "ours"), _DEFAULTS)


async def test_a_plan_without_a_limit_has_none(world: World) -> None:
    for n in range(60):
        await world.started(f"r{n}")
    assert len(world.livekit.started) == 60
