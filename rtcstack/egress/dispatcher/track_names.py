"""What the room knows of a track that is to be recorded: files may be named after it, and its kind decides theirs."""

import asyncio
from typing import Final

import aiohttp
from livekit import api
from livekit.protocol.models import TrackSource, TrackType

from rtcstack import log
from rtcstack.settings import LiveKit

_logger = log.get(__name__)
_TIMEOUT_S: Final = 2.0
_AGAIN_S: Final = (0.2, 0.8)
_FAULTS: Final = (api.TwirpError, aiohttp.ClientError, TimeoutError)


class TrackNames:
    def __init__(self, livekit: LiveKit) -> None:
        self._livekit = livekit

    async def look_up(self, room_name: str, track_ids: frozenset[str]) -> dict[str, str]:
        """Return what fills `{track_id}`, `{track_type}`, `{track_source}` and `{publisher_identity}`.

        Of several tracks it is the picture. LiveKit's list is a moment behind whoever publishes, so one that is not on it
        is looked for again; nothing is known of one that is not published yet, nor while LiveKit does not answer.
        """
        if not track_ids:
            return {}
        found = await self._try(room_name, track_ids)
        for pause_s in _AGAIN_S:
            if found:
                break
            await asyncio.sleep(pause_s)
            found = await self._try(room_name, track_ids)
        return max(found, key=lambda names: names["track_type"] == "video", default={})

    async def _try(self, room_name: str, track_ids: frozenset[str]) -> list[dict[str, str]]:
        try:
            return await self._find(room_name, track_ids)
        except _FAULTS as e:
            _logger.warning("LiveKit does not say what a track is", tracks=sorted(track_ids), error=str(e))
            return []

    async def _find(self, room_name: str, track_ids: frozenset[str]) -> list[dict[str, str]]:
        own = self._livekit
        key, secret = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        async with api.LiveKitAPI(own.http_url, key, secret, timeout=timeout) as livekit:
            there = await livekit.room.list_participants(api.ListParticipantsRequest(room=room_name))
        return [
            {
                "publisher_identity": person.identity,
                "track_id": track.sid,
                "track_type": TrackType.Name(track.type).lower(),
                "track_source": TrackSource.Name(track.source).lower(),
            }
            for person in there.participants
            for track in person.tracks
            if track.sid in track_ids
        ]
