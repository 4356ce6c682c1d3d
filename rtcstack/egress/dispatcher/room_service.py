"""The questions that a worker has about a room, and its only order, put to LiveKit's RoomService over Twirp (`livekit_room.proto`)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import urllib3
from google.protobuf.message import DecodeError, Message
from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.room import (
    DeleteRoomRequest,
    DeleteRoomResponse,
    ListParticipantsRequest,
    ListParticipantsResponse,
    ListRoomsRequest,
    ListRoomsResponse,
)

from rtcstack.egress import livekit_token
from rtcstack.errors import PartUnavailable
from rtcstack.settings import LiveKit

Answer = TypeVar("Answer", bound=Message)
Grant = dict[str, bool | str]

_TTL_S: Final = 600
_TIMEOUT_S: Final = 3.0
_OK: Final = 200
_TOLD_BYTES: Final = 200
_threads: Final = ThreadPoolExecutor(8, thread_name_prefix="livekit")
"""Threads of their own, started when needed: a LiveKit that hangs must not hold up the journals."""


class RoomService:
    """Every call raises PartUnavailable when LiveKit does not answer, or not with what was asked for."""

    def __init__(self, livekit: LiveKit, timeout_s: float = _TIMEOUT_S) -> None:
        self._livekit, self._timeout = livekit, urllib3.Timeout(total=timeout_s)

    async def rooms(self, name: str) -> list[Room]:
        """Return the rooms of that name: one, or none."""
        request = ListRoomsRequest(names=[name])
        answer = await self._ask("ListRooms", request, ListRoomsResponse, {"roomList": True})
        return list(answer.rooms)

    async def participants(self, room_name: str) -> list[ParticipantInfo]:
        """Return who is in the room; nobody when it is not there."""
        request = ListParticipantsRequest(room=room_name)
        grant: Grant = {"roomAdmin": True, "room": room_name}
        answer = await self._ask("ListParticipants", request, ListParticipantsResponse, grant)
        return list(answer.participants)

    async def delete(self, name: str) -> None:
        """End the room of that name."""
        grant: Grant = {"roomCreate": True}
        await self._ask("DeleteRoom", DeleteRoomRequest(room=name), DeleteRoomResponse, grant)

    async def _ask(self, method: str, request: Message, answer: type[Answer], grant: Grant) -> Answer:
        loop = asyncio.get_running_loop()
        data = await loop.run_in_executor(_threads, self._post, method, request.SerializeToString(), grant)
        try:
            return answer.FromString(data)
        except DecodeError as e:
            raise PartUnavailable(f"{method}: the answer cannot be read", part="livekit") from e

    def _post(self, method: str, body: bytes, grant: Grant) -> bytes:
        own = self._livekit
        token = livekit_token.mint(
            own.api_key.get_secret_value(), own.api_secret.get_secret_value(), grant, ttl_s=_TTL_S
        )
        headers = {"authorization": f"Bearer {token}", "content-type": "application/protobuf"}
        url = f"{own.http_url}/twirp/livekit.RoomService/{method}"
        try:
            with urllib3.PoolManager(timeout=self._timeout, retries=False) as http:
                answer = http.request("POST", url, body=body, headers=headers)
        except (urllib3.exceptions.HTTPError, OSError) as e:
            raise PartUnavailable(f"{method}: LiveKit does not answer: {e}", part="livekit") from e
        if answer.status != _OK:
            told = answer.data[:_TOLD_BYTES].decode("utf-8", "replace")
            raise PartUnavailable(f"{method}: LiveKit answers {answer.status}: {told}", part="livekit")
        return answer.data
