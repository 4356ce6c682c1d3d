"""What services may rely on, held against the fake and the real LiveKit alike."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rtcstack.adapters.livekit.client import LiveKitClient
from rtcstack.errors import ParticipantNotFound, RoomNotFound
from rtcstack.ports.livekit import Composite, LiveKit, RoomShape
from tests.fakes.livekit import FakeLiveKit


async def _answers() -> None:
    """Redis, as far as LiveKit's client asks for it."""


@pytest.fixture(params=["fake", "real"])
async def livekit(request: pytest.FixtureRequest) -> AsyncIterator[LiveKit]:
    if request.param == "fake":
        yield FakeLiveKit()
        return
    request.getfixturevalue("livekit_server")
    own = request.getfixturevalue("settings").livekit
    key, secret = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    client = LiveKitClient(own.http_url, key, secret, _answers)
    await client.open()
    yield client
    await client.close()


async def test_a_room_is_there_until_it_is_deleted(livekit: LiveKit) -> None:
    assert not await livekit.has_room("contract")
    for _ in range(2):
        await livekit.create_room("contract", RoomShape(max_participants=3, metadata="{}"))
        assert await livekit.has_room("contract")
    for _ in range(2):
        await livekit.delete_room("contract")
        assert not await livekit.has_room("contract")


async def test_a_room_may_be_deleted_by_several_at_once(livekit: LiveKit) -> None:
    names = [f"contract-{n}" for n in range(20)]
    for name in names:
        await livekit.create_room(name, RoomShape(is_lasting=True))
    await asyncio.gather(*(livekit.delete_room(name) for name in names * 3))
    assert [await livekit.has_room(name) for name in names] == [False] * len(names)


async def test_nobody_is_in_a_room_that_is_empty_or_not_there(livekit: LiveKit) -> None:
    await livekit.create_room("empty", RoomShape())
    assert list(await livekit.list_participants("empty")) == []
    assert list(await livekit.list_participants("nowhere")) == []


async def test_whoever_is_in_a_room_can_be_nudged_also_if_that_is_nobody(livekit: LiveKit) -> None:
    await livekit.create_room("nudged", RoomShape())
    await livekit.nudge("nudged", "a.topic")


async def test_who_is_not_there_cannot_be_removed(livekit: LiveKit) -> None:
    await livekit.create_room("removal", RoomShape())
    with pytest.raises(ParticipantNotFound):
        await livekit.remove_participant("removal", "nobody")


@pytest.mark.parametrize("name", ["asked", "nowhere"])
async def test_who_is_not_there_cannot_be_looked_at(livekit: LiveKit, name: str) -> None:
    await livekit.create_room("asked", RoomShape())
    with pytest.raises(ParticipantNotFound):
        await livekit.get_participant(name, "nobody")


async def test_who_is_not_there_cannot_be_muted(livekit: LiveKit) -> None:
    await livekit.create_room("muting", RoomShape())
    with pytest.raises(ParticipantNotFound):
        await livekit.mute_track("muting", "nobody", "TR_nothing", muted=True)


async def test_a_room_that_is_not_there_cannot_be_recorded(livekit: LiveKit) -> None:
    with pytest.raises(RoomNotFound):
        await livekit.start_composite(Composite("nowhere", "nowhere/x.mp4", "bucket", {}))
    assert list(await livekit.list_egresses("nowhere")) == []


async def test_stopping_an_egress_that_is_not_there_is_fine(livekit: LiveKit) -> None:
    assert await livekit.stop_egress("EG_nothing") is False


async def test_nobody_visits_a_room_that_is_empty_or_not_there(livekit: LiveKit) -> None:
    await livekit.create_room("unvisited", RoomShape())
    assert list(await livekit.list_visitors("unvisited")) == []
    assert list(await livekit.list_visitors("nowhere")) == []
