"""What tests of documents 000 and 001 ask again and again: halls, their recordings, the events about them."""

import asyncio
import json
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import aiohttp
import jwt
from livekit.api import DeleteRoomRequest, ListRoomsRequest, LiveKitAPI
from standardwebhooks import Webhook

from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance

_WAIT_S = 60
_SMALL = Media(width=320, height=180)


class HallCaller:
    """`async with HallCaller(caller, appliance) as halls`: everybody who joined has left at the end."""

    def __init__(self, caller: Caller, appliance: Appliance) -> None:
        self._caller, self.http = caller, caller.http
        livekit = appliance.settings.livekit
        self._livekit_url, self._livekit_http_url = livekit.ws_url, livekit.http_url
        self._key = livekit.api_key.get_secret_value()
        self._secret = livekit.api_secret.get_secret_value()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def create(self, **fields: Any) -> dict[str, Any]:
        answer = await self.http.post("/v1/halls", json=fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def get(self, path: str) -> Any:
        return (await self.http.get(path)).raise_for_status().json()

    async def hall(self, hall_id: str) -> dict[str, Any]:
        return dict(await self.get(f"/v1/halls/{hall_id}"))

    async def close(self, hall_id: str) -> int:
        return (await self.http.delete(f"/v1/halls/{hall_id}")).status_code

    async def token(self, hall_id: str, identity: str) -> str:
        answer = await self.http.post(f"/v1/rooms/{hall_id}/tokens", json={"identity": identity})
        return str(answer.raise_for_status().json()["token"])

    async def join(self, token: str, index: int) -> Participant:
        return await self._stack.enter_async_context(Participant(self._livekit_url, token, index, _SMALL))

    def claims(self, token: str) -> dict[str, Any]:
        return dict(jwt.decode(token, self._secret, algorithms=["HS256"]))

    async def until_count(self, hall_id: str, count: int) -> None:
        """Return once the hall shows that many participants."""
        shown = None
        try:
            async with asyncio.timeout(_WAIT_S):
                while (shown := (await self.hall(hall_id))["participant_count"]) != count:
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{shown} participants are shown, not {count}") from None

    async def until_sent_away(self, participant: Participant) -> None:
        """Return once LiveKit has disconnected the participant."""
        try:
            async with asyncio.timeout(_WAIT_S):
                while participant.is_connected:
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"participant {participant.index} is still in the room") from None

    async def until_turned_away(self, token: str) -> None:
        """Join by LiveKit's signalling alone, and return once it hangs up."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(_WAIT_S):
            url = f"{self._livekit_url}/rtc?access_token={token}&protocol=15"
            async with session.ws_connect(url) as signalling:
                async for _message in signalling:
                    pass

    async def lose_room(self, hall_id: str) -> None:
        """Delete the hall's room in LiveKit, behind our back, and return once it is another."""
        async with LiveKitAPI(self._livekit_http_url, self._key, self._secret) as livekit:
            asked = ListRoomsRequest(names=[hall_id])
            [lost] = (await livekit.room.list_rooms(asked)).rooms
            await livekit.room.delete_room(DeleteRoomRequest(room=hall_id))
            sids = [lost.sid]
            async with asyncio.timeout(_WAIT_S):
                while sids in ([], [lost.sid]):
                    await asyncio.sleep(0.1)
                    sids = [room.sid for room in (await livekit.room.list_rooms(asked)).rooms]

    async def until_status(self, recording_id: str, status: str) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        try:
            async with asyncio.timeout(_WAIT_S):
                while (shown := await self.get(f"/v1/recordings/{recording_id}"))["status"] != status:
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"not {status}: {shown}") from None
        return shown

    async def until_recorded(self, hall_id: str) -> str:
        """Return the recording's id once its egress is active."""
        await self.event("recording.started", hall_id)
        return str((await self.get(f"/v1/halls/{hall_id}/recordings"))[0]["recording_id"])

    def events(self, name: str, hall_id: str) -> list[dict[str, Any]]:
        """Return the verified events of that name about that hall, as they came."""
        verify = Webhook(self._caller.secret).verify
        told = [
            dict(verify(body, headers))
            for headers, body in self._caller.endpoint.deliveries
            if json.loads(body)["event"] == name
        ]
        return [event for event in told if event["data"]["hall_id"] == hall_id]

    async def event(self, name: str, hall_id: str, nth: int = 1) -> dict[str, Any]:
        """Return the `nth` event of that name about that hall, once it arrives."""
        try:
            async with asyncio.timeout(_WAIT_S):
                while len(self.events(name, hall_id)) < nth:
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"no {name} number {nth} of {hall_id} arrived") from None
        return self.events(name, hall_id)[nth - 1]
