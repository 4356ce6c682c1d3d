"""Who gets in by a link, and what is said to whoever does not."""

import pytest

from rtcstack.domain.recording import RecordingState
from rtcstack.errors import LinkExpired, LinkInvalid, RoomFull, RoomNotFound
from rtcstack.ports.livekit import Visitor
from rtcstack.repositories import recordings
from rtcstack.services.invites import Invites
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.livekit_events import join

_TTL_S = 60


async def _room(world: World, room_id: str = "room-abc", *, most: int | None = None) -> None:
    await world.rooms.create(TENANT, room_id=room_id, name="Standup", max_participants=most, metadata={})


async def _link(world: World, room_id: str = "room-abc", tenant: str = TENANT) -> str:
    link, expires_at_ms = await world.invites.make(tenant, room_id, "participant", _TTL_S)
    assert expires_at_ms == world.clock.now_ms() + _TTL_S * 1000
    return str(link)


def _opened(world: World) -> Invites:
    """Return the same with rooms that are joined by their names."""
    return Invites(world.db, world.clock, world.livekit, world.rooms, key=b"any", open_rooms=True)


async def test_somebody_gets_a_token_of_their_own(world: World) -> None:
    await _room(world)
    link = await _link(world)
    first, second = [await world.invites.admit(link, f" Ada  {n} ") for n in (1, 2)]
    assert first.identity != second.identity
    assert first.name == "Ada 1"
    assert first.token == f"room-abc|{first.identity}|Ada 1|participant|300"


async def test_a_link_of_a_tenant_leads_to_that_tenants_room(world: World) -> None:
    await world.access.create_key("acme")
    await _room(world)
    link = await _link(world, tenant="acme")
    assert (await world.invites.look(link)).name == "room-abc"
    assert (await world.invites.admit(link, "Ada")).token.startswith("acme:room-abc|")


async def test_a_room_need_not_be_there_yet(world: World) -> None:
    link = await _link(world, "tomorrow")
    assert (await world.invites.look(link)).recording == "off"
    assert (await world.invites.admit(link, "Ada")).token.startswith("tomorrow|")


async def test_whoever_joins_first_makes_the_room_and_events_tell_of_it(world: World) -> None:
    link = await _link(world, "tomorrow")
    await world.invites.look(link)
    assert await world.count("rooms") == 0, "looking makes nothing"
    await world.invites.admit(link, "Ada")
    await world.invites.admit(link, "Charles")
    assert [room.id for room in await world.rooms.list(TENANT)] == ["tomorrow"]
    await join(world, "tomorrow", "PA_1")
    assert await world.told("participant.joined") == 1


async def test_for_whoever_is_inside_a_link_does_not_expire(world: World) -> None:
    recording = await world.started()
    link = await _link(world)
    identity = (await world.invites.admit(link, "Ada")).identity
    async with world.db.transaction() as tx:
        await recordings.move(tx, await world.recording(recording.id), RecordingState.RECORDING)
    world.clock.advance(_TTL_S)
    for nobody in ("", identity):
        with pytest.raises(LinkExpired):
            await world.invites.look_from_inside(link, nobody)
    world.livekit.visitors["room-abc"] = [Visitor("PA_1", identity, 1, is_recorder=False)]
    assert (await world.invites.look_from_inside(link, identity)).recording == "on"
    for other in ("", "guest_other"):
        with pytest.raises(LinkExpired):
            await world.invites.look_from_inside(link, other)
    with pytest.raises(LinkExpired):
        await world.invites.admit(link, "Ada")


async def test_what_was_signed_here_is_no_guess(world: World) -> None:
    link = await _link(world)
    world.clock.advance(_TTL_S)
    assert world.invites.has_signed(link)
    for guess in (f"{link}x", link[:-1], "~", "room-abc", ""):
        assert not world.invites.has_signed(guess), guess


async def test_an_expired_link_admits_nobody(world: World) -> None:
    await _room(world)
    link = await _link(world)
    world.clock.advance(_TTL_S)
    for call in (world.invites.look(link), world.invites.admit(link, "Ada")):
        with pytest.raises(LinkExpired):
            await call
    with pytest.raises(LinkInvalid):
        await world.invites.look(link[:-1])


async def test_a_closed_room_admits_nobody_until_it_is_open_again(world: World) -> None:
    await _room(world)
    link = await _link(world)
    await world.rooms.close(TENANT, "room-abc")
    for call in (world.invites.look(link), world.invites.admit(link, "Ada")):
        with pytest.raises(RoomNotFound, match="Standup was closed"):
            await call
    await _room(world)
    assert (await world.invites.look(link)).name == "Standup"


async def test_a_look_opens_nothing_while_the_room_is_being_closed(world: World) -> None:
    await _room(world)
    link = await _link(world)
    await world.rooms.close(TENANT, "room-abc")
    world.livekit.rooms.add("room-abc")  # it is still there, or is there again
    assert (await world.invites.look(link)).recording == "off"
    assert not await world.rooms.list(TENANT)
    await world.invites.admit(link, "Ada")
    assert [room.id for room in await world.rooms.list(TENANT)] == ["room-abc"]


async def test_a_closed_hall_has_no_links(world: World) -> None:
    hall, _ = await world.halls.create(
        TENANT, name="h", max_participants=3, record=False, moderation=False, metadata={}
    )
    link = await _link(world, hall.id)
    await world.halls.close(TENANT, hall.id)
    with pytest.raises(RoomNotFound):
        await world.invites.look(link)
    with pytest.raises(RoomNotFound):
        await _link(world, hall.id)


async def test_a_full_room_says_so_and_recorders_take_no_place(world: World) -> None:
    await _room(world, most=2)
    link = await _link(world)
    here = [Visitor(f"PA_{n}", f"p{n}", 1, is_recorder=n == 0) for n in range(3)]
    world.livekit.visitors["room-abc"] = here[:2]
    assert await world.invites.admit(link, "Ada")
    world.livekit.visitors["room-abc"] = here
    with pytest.raises(RoomFull):
        await world.invites.admit(link, "Ada")
    assert (await world.invites.look(link)).name == "Standup", "the page is there, and says it on joining"


async def test_a_bare_name_leads_nowhere_unless_rooms_are_open(world: World) -> None:
    await _room(world)
    with pytest.raises(RoomNotFound, match="by a link"):
        await world.invites.look("room-abc")
    opened = _opened(world)
    assert (await opened.look("room-abc")).role == "participant"
    assert (await opened.admit("room-abc", "Ada")).token.startswith("room-abc|")


async def test_a_stranger_makes_no_room_by_its_name(world: World) -> None:
    opened = _opened(world)
    await world.access.create_key("acme")
    await world.rooms.create("acme", room_id="theirs", name=None, max_participants=None, metadata={})
    for name in ("never-there", "theirs"):
        with pytest.raises(RoomNotFound):
            await opened.admit(name, "Ada")


async def test_it_is_said_whether_the_room_is_recorded(world: World) -> None:
    recording = await world.started()
    link = await _link(world)
    assert (await world.invites.look(link)).recording == "on"
    for state, said in (
        (RecordingState.RECORDING, "on"),
        (RecordingState.PAUSED, "paused"),
        (RecordingState.STOPPING, "off"),
    ):
        now = await world.recording(recording.id)
        async with world.db.transaction() as tx:
            await recordings.move(tx, now, state)
        assert (await world.invites.look(link)).recording == said
