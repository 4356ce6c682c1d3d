"""A room that closes while its recorder is not in it: joining makes one of the same name anew, which nobody wanted."""

import time
from typing import Final

from livekit.protocol.models import ParticipantInfo, Room

from rtcstack import log
from rtcstack.egress.dispatcher.course import Course
from rtcstack.egress.dispatcher.room_service import RoomService
from rtcstack.egress.job import Ended, EndReason
from rtcstack.egress.spool import Order
from rtcstack.errors import PartUnavailable
from rtcstack.settings import LiveKit

_logger = log.get(__name__)
_BY_ITSELF: Final = (300, 20)
"""LiveKit's own `empty_timeout` and `departure_timeout`, which a room has that was made by joining."""
_STAYED_S: Final = 15.0
"""A recorder that has made a room while it recorded ends when nobody came there for 20 s; what is younger somebody else made
once ours was closed."""
_NOT_JOINED: Final[tuple[EndReason, ...]] = ("connection_lost", "join_failed")


class VanishedRoom:
    """The room of one order, looked at when a recorder has ended without a file, or as its room was closed."""

    def __init__(self, livekit: LiveKit, order: Order, course: Course) -> None:
        self._rooms, self._order, self._course = RoomService(livekit), order, course

    async def is_gone(self) -> bool:
        """Whether LiveKit says that the very room which is meant is there no more."""
        try:
            return self._is_gone(await self._rooms.rooms(self._order.room_name))
        except PartUnavailable as e:
            _logger.info("the room cannot be looked at", egress_id=self._order.egress_id, error=e.message)
            return False

    async def settle(self, ended: Ended, *, has_begun: bool) -> Ended:
        """Delete the room that the recorder has made by joining, at first or after it was cut off. Return why the recording
        ended: one that never began because it could not be joined, and is gone, was closed.
        """
        if not ended.duration_ms:
            await self._delete_made()
        elif ended.reason == "room_closed":
            await self._delete_made(_STAYED_S)
        if ended.reason in _NOT_JOINED and not has_begun and await self.is_gone():
            return Ended("room_closed", 0)
        return ended

    async def _delete_made(self, least_age_s: float = 0.0) -> None:
        try:
            rooms = await self._rooms.rooms(self._order.room_name)
            is_other = self._is_gone(rooms) and any(_age_s(room) >= least_age_s for room in rooms)
            if is_other and await self._is_nobodys(rooms[0]):
                await self._rooms.delete(self._order.room_name)
        except PartUnavailable as e:  # it closes by itself, some minutes later
            _logger.info("the room was not deleted", egress_id=self._order.egress_id, error=e.message)

    def _is_gone(self, rooms: list[Room]) -> bool:
        room_id = self._course.room_id or self._order.room_id
        return bool(room_id) and all(room.sid != room_id for room in rooms)

    async def _is_nobodys(self, room: Room) -> bool:
        """Whether it was made by joining: it has no settings then, and nobody is in it but this recorder and programs."""
        there = await self._rooms.participants(room.name)
        is_plain = (room.empty_timeout, room.departure_timeout) == _BY_ITSELF
        has_settings = room.metadata or room.max_participants or not is_plain
        return not has_settings and all(self._is_nobody(person) for person in there)

    def _is_nobody(self, person: ParticipantInfo) -> bool:
        """Another recording of it shows that somebody means to use it."""
        return person.kind == ParticipantInfo.Kind.AGENT or person.identity == self._order.egress_id


def _age_s(room: Room) -> float:
    return time.time() - room.creation_time_ms / 1000
