"""What the room knows of a track that is to be recorded: files may be named after it, and its kind decides theirs."""

import asyncio
from typing import Final

from livekit.protocol.models import TrackSource, TrackType

from rtcstack import log
from rtcstack.egress.dispatcher.room_service import RoomService
from rtcstack.errors import Upstream
from rtcstack.settings import LiveKit

_logger = log.get(__name__)
_TIMEOUT_S: Final = 2.0
"""Whoever starts the recording is waiting."""
_AGAIN_S: Final = (0.2, 0.8)


class TrackNames:
    def __init__(self, livekit: LiveKit) -> None:
        self._rooms = RoomService(livekit, _TIMEOUT_S)

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
        except Upstream as e:
            _logger.warning("LiveKit does not say what a track is", tracks=sorted(track_ids), error=e.message)
            return []

    async def _find(self, room_name: str, track_ids: frozenset[str]) -> list[dict[str, str]]:
        there = await self._rooms.participants(room_name)
        return [
            {
                "publisher_identity": person.identity,
                "track_id": track.sid,
                "track_type": TrackType.Name(track.type).lower(),
                "track_source": TrackSource.Name(track.source).lower(),
            }
            for person in there
            for track in person.tracks
            if track.sid in track_ids
        ]
