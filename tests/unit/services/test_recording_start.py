import asyncio
from dataclasses import replace

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import PartUnavailable, RecordingNotActive, RoomNotFound
from rtcstack.repositories import recordings
from rtcstack.services.composite import CompositeOptions
from tests.unit.services.conftest import TENANT, World

_DEFAULTS = CompositeOptions()


async def _nothing_is_left(world: World) -> None:
    assert await recordings.find_active(world.db, TENANT, "r") is None
    assert await recordings.list_of_room(world.db, TENANT, "r", 10) == []
    assert await world.told() == 0


async def test_a_start_reserves_the_documented_key_and_returns_the_egress(world: World) -> None:
    recording = await world.started()
    assert recording.object_key == "room-abc/2024-04-21T10-00-00.mp4"
    assert (recording.egress_id, recording.state) == ("EG_1", RecordingState.STARTING)
    [asked] = world.livekit.started
    assert asked.object_metadata == {"rtcstack-recording": recording.id, "rtcstack-tenant": TENANT}


async def test_fifty_starts_at_once_make_one_egress(world: World) -> None:
    await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})
    world.livekit.latency_s = 0.05
    answers = await asyncio.gather(*(world.start.start(TENANT, "r", _DEFAULTS) for _ in range(50)))
    assert len(world.livekit.started) == 1
    assert {(a.id, a.egress_id) for a in answers} == {(answers[0].id, "EG_1")}


async def test_a_start_that_fails_leaves_nothing_and_the_others_are_told(world: World) -> None:
    await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})
    world.livekit.latency_s = 0.05
    for _ in range(2):
        world.livekit.fail_next(PartUnavailable("no response from servers", part="livekit"))
    answers = await asyncio.gather(
        *(world.start.start(TENANT, "r", _DEFAULTS) for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(a, PartUnavailable) for a in answers)
    await _nothing_is_left(world)
    assert (await world.start.start(TENANT, "r", _DEFAULTS)).egress_id == "EG_1"


async def test_whoever_starts_it_is_told_so_although_the_event_came_first(world: World) -> None:
    class IsOvertaken(type(world.livekit)):  # type: ignore[misc]  # the fake's own class
        async def start_composite(self, composite):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            begun = await super().start_composite(composite)
            async with world.db.transaction() as tx:
                await world.egress_events.apply(
                    tx, replace(begun, status=EgressStatus.ACTIVE, updated_at_ns=2)
                )
            return begun

    world.livekit.__class__ = IsOvertaken
    recording = await world.started()
    assert (recording.egress_id, recording.state) == ("EG_1", RecordingState.STARTING)
    assert (await world.recording(recording.id)).state is RecordingState.RECORDING


async def test_a_room_that_exists_nowhere_cannot_be_recorded(world: World) -> None:
    with pytest.raises(RoomNotFound):
        await world.start.start(TENANT, "nowhere", _DEFAULTS)


async def test_a_room_that_only_livekit_has_is_taken_in(world: World) -> None:
    world.livekit.rooms.add("joined-first")
    assert (await world.start.start(TENANT, "joined-first", _DEFAULTS)).egress_id == "EG_1"
    assert (await world.rooms.get(TENANT, "joined-first")).name == "joined-first"


async def test_a_room_that_livekit_has_forgotten_is_made_again(world: World) -> None:
    await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})
    world.livekit.rooms.clear()
    await world.start.start(TENANT, "r", _DEFAULTS)
    assert world.livekit.rooms == {"r"}


async def test_two_recordings_within_one_second_have_two_keys(world: World) -> None:
    first = await world.started("r")
    await world.stop.stop(TENANT, "r")
    second = await world.start.start(TENANT, "r", _DEFAULTS)
    assert second.object_key == first.object_key.replace(".mp4", "-2.mp4")


async def test_another_tenants_room_of_the_same_id_is_another_room(world: World) -> None:
    await world.access.create_key("acme")
    await world.started("r")
    await world.rooms.create("acme", room_id="r", name=None, max_participants=None, metadata={})
    other = await world.start.start("acme", "r", _DEFAULTS)
    assert other.object_key == "_t/acme/r/2024-04-21T10-00-00.mp4"
    assert world.livekit.started[1].room_name == "acme:r"


async def test_stop_asks_the_egress_and_a_second_stop_finds_nothing(world: World) -> None:
    recording = await world.started()
    assert (await world.stop.stop(TENANT, "room-abc")).egress_id == recording.egress_id
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING
    with pytest.raises(RecordingNotActive):
        await world.stop.stop(TENANT, "room-abc")


async def test_a_start_after_a_stop_is_a_new_recording_whatever_events_come_between(world: World) -> None:
    first = await world.started("r")
    stop_egress = world.livekit.stop_egress

    async def becomes_active_meanwhile(egress_id: str) -> None:
        active = replace(world.livekit.egresses[egress_id], status=EgressStatus.ACTIVE)
        async with world.db.transaction() as tx:
            await world.egress_events.apply(tx, active)
        await stop_egress(egress_id)

    world.livekit.stop_egress = becomes_active_meanwhile  # type: ignore[method-assign]  # the race, made certain
    await world.stop.stop(TENANT, "r")
    assert (await world.recording(first.id)).state is RecordingState.STOPPING
    assert (await world.start.start(TENANT, "r", _DEFAULTS)).id != first.id


async def test_a_stop_that_livekit_does_not_take_leaves_the_recording_running(world: World) -> None:
    recording = await world.started("r")

    async def refuse(egress_id: str) -> None:
        raise PartUnavailable(f"no answer about {egress_id}", part="livekit")

    world.livekit.stop_egress = refuse  # type: ignore[method-assign]  # fault injection
    with pytest.raises(PartUnavailable):
        await world.stop.stop(TENANT, "r")
    found = await world.recording(recording.id)
    assert (found.is_active, found.stopped_at_ms) == (True, None)


async def test_a_room_that_livekit_does_not_make_is_not_kept(world: World) -> None:
    async def refuse(name: str, shape: object) -> None:
        raise PartUnavailable(f"no answer about {name}, {shape}", part="livekit")

    create_room, world.livekit.create_room = world.livekit.create_room, refuse  # type: ignore[method-assign]  # the same
    made = {"room_id": "r", "name": None, "max_participants": None, "metadata": {}}
    with pytest.raises(PartUnavailable):
        await world.rooms.create(TENANT, **made)
    world.livekit.create_room = create_room  # type: ignore[method-assign]  # it is back
    assert (await world.rooms.create(TENANT, **made)).id == "r"
