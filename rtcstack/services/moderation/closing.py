"""Close halls for what was found in them."""

from rtcstack import log
from rtcstack.domain.room import Room
from rtcstack.errors import Upstream
from rtcstack.ports.database import Database
from rtcstack.repositories import rooms
from rtcstack.services.room_close import RoomClose

_log = log.get(__name__)


class Closing:
    def __init__(self, db: Database, room_close: RoomClose) -> None:
        self._db, self._close = db, room_close
        self._again: dict[tuple[str, str], Room] = {}
        """Closed ones that LiveKit may still have: it did not answer."""

    async def close_flagged(self) -> None:
        """Close every open hall with a finding whose action is to close it, also what an earlier process has left."""
        flagged = {(hall.tenant_id, hall.id): hall for hall in await rooms.list_flagged(self._db)}
        for key, hall in {**self._again, **flagged}.items():
            _log.warning("moderation closes a hall", room_id=hall.id)
            try:
                await self._close.close(hall)
            except Upstream as e:
                _log.warning("a flagged hall is not closed everywhere yet", room_id=hall.id, error=e.message)
                self._again[key] = hall
            else:
                self._again.pop(key, None)
