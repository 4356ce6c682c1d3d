"""Somebody in a room is muted from its page, with a participant on the real LiveKit."""

import asyncio

from livekit import rtc

from tests.integration.api.conftest import Api
from tests.integration.api.test_mute import Person
from tests.support.dashboard import Visitor

_HTMX = {"hx-request": "true"}
_PART = "/rooms/room-abc?part=now"
_MUTE = "/rooms/room-abc/mute"
_WAIT_S = 60


async def test_whoever_is_heard_can_be_muted(api: Api, visitor: Visitor) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "room-abc"})
    ada = Person("ada")
    await ada.join(api)
    try:
        assert f'action="{_MUTE}"' not in await visitor.get(_PART), "nobody is heard"
        await ada.publish(rtc.TrackSource.SOURCE_MICROPHONE)
        async with asyncio.timeout(_WAIT_S):
            while f'action="{_MUTE}"' not in await visitor.get(_PART):
                await asyncio.sleep(0.1)
        muted = await visitor.send(_MUTE, {"identity": "ada"}, **_HTMX)
        assert muted.status_code == 204
        assert "ada is muted." in muted.headers["hx-trigger"]
        page = await visitor.get(_PART)
        assert "microphone (muted)" in page
        assert f'action="{_MUTE}"' not in page
        refused = await visitor.send(_MUTE, {"identity": "nobody"}, **_HTMX)
        assert refused.status_code == 404
        assert "refused" in refused.headers["hx-trigger"]
    finally:
        await ada.room.disconnect()
