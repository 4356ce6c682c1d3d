"""Whether an egress that a worker finds in its spool goes on, or is finished as it is."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from livekit.protocol.egress import EgressStatus
from livekit.protocol.models import ParticipantInfo

from rtcstack import log
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.egress.dispatcher.journal import Facts
from rtcstack.egress.dispatcher.room_service import RoomService
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.errors import Upstream
from rtcstack.settings import LiveKit

_logger = log.get(__name__)
_LOOK_S: Final = 0.5
_REBOOT_PATIENCE_S: Final = 20.0
"""After a restart of the machine people come back to the room within some seconds; before that it is empty."""
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_NOBODY: Final = (ParticipantInfo.Kind.EGRESS, ParticipantInfo.Kind.AGENT)

Sleep = Callable[[float], Awaitable[bool]]
"""Sleep for so many seconds; return False at once when the egress is to be stopped."""


def boot_id() -> str:
    """Return what tells this run of the machine from the one before."""
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""


class Comeback:
    def __init__(self, livekit: LiveKit, io: IOInfoClient, resume_within_s: float) -> None:
        self._rooms, self._io, self._resume_within_s = RoomService(livekit), io, resume_within_s

    async def is_due(self, order: Order, folder: SpoolFolder, facts: Facts, sleep: Sleep) -> bool:
        """Whether people are in the room whose recording nobody has stopped, and not too much of it was missed.

        LiveKit is waited for as long as there is time.
        """
        if facts.recorded or facts.stop_asked or facts.made or facts.stored:
            return False
        since_s = max(0.0, time.time() - folder.last_sign_s())  # a clock may have been set back
        began_s = time.monotonic()
        patience_s = _REBOOT_PATIENCE_S if facts.course.boot_id not in {"", boot_id()} else 0.0
        while (passed_s := time.monotonic() - began_s) + since_s < self._resume_within_s:
            wanted = await self._look(order, facts.course.room_id or order.room_id)
            if wanted is True:
                return True
            if wanted is False and passed_s >= patience_s:
                return False
            if not await sleep(_LOOK_S):
                return False
        return False

    async def _look(self, order: Order, room_id: str) -> bool | None:
        """None: LiveKit does not say."""
        try:
            info = await self._io.find_egress(order.egress_id)
            if info is not None and info.status >= EgressStatus.EGRESS_ENDING:
                return False
            return await self._has_people(order.room_name, room_id)
        except Upstream as e:
            _logger.info("the room cannot be looked at yet", egress_id=order.egress_id, error=e.message)
            return None

    async def _has_people(self, room_name: str, room_id: str) -> bool:
        rooms = await self._rooms.rooms(room_name)
        if not any(room.sid == room_id or not room_id for room in rooms):
            return False
        there = await self._rooms.participants(room_name)
        return any(person.kind not in _NOBODY for person in there)
