"""A room that closes before its recorder is in it: joining makes one of the same name anew, which nobody wanted."""

from typing import Final

from livekit.protocol.models import ParticipantInfo, Room

from rtcstack import log
from rtcstack.egress.dispatcher.room_service import RoomService
from rtcstack.egress.job import Ended, EndReason
from rtcstack.egress.spool import Order
from rtcstack.errors import PartUnavailable
from rtcstack.settings import LiveKit

_logger = log.get(__name__)
_BY_ITSELF: Final = (300, 20)
"""LiveKit's own `empty_timeout` and `departure_timeout`, which a room has that was made by joining."""
_NOT_JOINED: Final[tuple[EndReason, ...]] = ("connection_lost", "join_failed")


class VanishedRoom:
    """The room of one order, looked at when a recorder has ended without a file."""

    def __init__(self, livekit: LiveKit, order: Order) -> None:
        self._rooms, self._order = RoomService(livekit), order

    async def is_gone(self) -> bool:
        """Whether LiveKit says that the very room which is meant is there no more."""
        try:
            return self._is_gone(await self._rooms.rooms(self._order.room_name))
        except PartUnavailable as e:
            _logger.info("the room cannot be looked at", egress_id=self._order.egress_id, error=e.message)
            return False

    async def settle(self, ended: Ended, *, has_begun: bool) -> Ended:
        """Delete the room that the recorder has made by joining. Return why the recording ended: one that never began
        because it could not be joined, and is gone, was closed.
        """
        await self._delete_made()
        if ended.reason in _NOT_JOINED and not has_begun and await self.is_gone():
            return Ended("room_closed", 0)
        return ended

    async def _delete_made(self) -> None:
        try:
            rooms = await self._rooms.rooms(self._order.room_name)
            if rooms and self._is_gone(rooms) and await self._is_nobodys(rooms[0]):
                await self._rooms.delete(self._order.room_name)
        except PartUnavailable as e:  # it closes by itself, some minutes later
            _logger.info("the room was not deleted", egress_id=self._order.egress_id, error=e.message)

    def _is_gone(self, rooms: list[Room]) -> bool:
        return bool(self._order.room_id) and all(room.sid != self._order.room_id for room in rooms)

    async def _is_nobodys(self, room: Room) -> bool:
        """Whether it was made by joining: it has no settings then, and nobody is in it but a recorder."""
        there = await self._rooms.participants(room.name)
        is_plain = (room.empty_timeout, room.departure_timeout) == _BY_ITSELF
        has_settings = room.metadata or room.max_participants or not is_plain
        return not has_settings and all(person.kind == ParticipantInfo.Kind.EGRESS for person in there)
