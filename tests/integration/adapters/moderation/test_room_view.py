"""The view into rooms, on the real LiveKit with real participants."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from livekit import api

from rtcstack.adapters.moderation.image import decode
from rtcstack.adapters.moderation.room_view import RoomViewProcesses
from rtcstack.demo.participant import Participant
from rtcstack.demo.picture import chroma
from rtcstack.demo.schedule import Media
from rtcstack.settings import Settings
from tests.support.single_part import SinglePart

_SMALL = Media(width=320, height=180)
_WIDTH, _HEIGHT = 1280, 720


@pytest.fixture
def view(settings: Settings, livekit_server: SinglePart) -> RoomViewProcesses:
    del livekit_server  # only has to run
    own = settings.livekit
    return RoomViewProcesses(own.ws_url, own.api_key.get_secret_value(), own.api_secret.get_secret_value())


@pytest.fixture
async def livekit(settings: Settings, view: RoomViewProcesses) -> AsyncIterator[api.LiveKitAPI]:
    del view
    own = settings.livekit
    keys = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    async with api.LiveKitAPI(own.http_url, *keys) as client:
        yield client


def _participant(settings: Settings, room: str, index: int, media: Media = _SMALL) -> Participant:
    own = settings.livekit
    token = api.AccessToken(own.api_key.get_secret_value(), own.api_secret.get_secret_value())
    grants = api.VideoGrants(room_join=True, room=room)
    jwt = token.with_identity(f"person-{index}").with_grants(grants).to_jwt()
    return Participant(own.ws_url, jwt, index, media)


def _colour(jpeg: bytes, x: int, y: int) -> tuple[int, int]:
    """Return the chroma at a place of the picture."""
    frame = decode(jpeg)
    assert frame is not None
    assert (frame.width, frame.height) == (_WIDTH, _HEIGHT)
    planes = frame.reformat(format="yuv444p").to_ndarray()
    around = np.s_[y - 8 : y + 8, x - 8 : x + 8]
    return round(float(planes[1][around].mean())), round(float(planes[2][around].mean()))


def _is_close(seen: tuple[int, int], index: int) -> bool:
    return all(abs(a - b) <= 8 for a, b in zip(seen, chroma(index), strict=True))


async def test_each_room_is_seen_as_it_is(
    view: RoomViewProcesses, settings: Settings, livekit: api.LiveKitAPI
) -> None:
    async with (
        _participant(settings, "view-a", 3),
        _participant(settings, "view-a", 6),
        _participant(settings, "view-b", 0),
    ):
        await asyncio.sleep(0.5)
        pictures = await view.pictures(["view-a", "view-b", "view-nobody"])
        people = {}
        for room in ("view-a", "view-b"):
            asked = api.ListParticipantsRequest(room=room)
            people[room] = {p.identity for p in (await livekit.room.list_participants(asked)).participants}
    assert set(pictures) == {"view-a", "view-b"}
    assert _is_close(_colour(pictures["view-a"], 160, 520), 3)
    assert _is_close(_colour(pictures["view-a"], 1120, 520), 6)
    assert _is_close(_colour(pictures["view-b"], 1100, 600), 0)
    assert people == {"view-a": {"person-3", "person-6"}, "view-b": {"person-0"}}


async def test_of_a_livekit_that_is_not_there_nothing_is_seen(settings: Settings) -> None:
    own = settings.livekit
    keys = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    assert await RoomViewProcesses("ws://127.0.0.1:9", *keys).pictures(["view-a"]) == {}


async def test_for_no_rooms_nothing_is_started(settings: Settings) -> None:
    assert await RoomViewProcesses(settings.livekit.ws_url, "", "").pictures([]) == {}


async def test_a_view_that_nobody_waits_for_ends(
    view: RoomViewProcesses, settings: Settings, livekit: api.LiveKitAPI
) -> None:
    async with _participant(settings, "view-c", 3):
        looking = asyncio.create_task(view.pictures(["view-c"]))
        await asyncio.sleep(1)
        looking.cancel()
        await asyncio.wait([looking])
        async with asyncio.timeout(30):
            asked = api.ListParticipantsRequest(room="view-c")
            while len((await livekit.room.list_participants(asked)).participants) != 1:
                await asyncio.sleep(0.2)
