"""Recorders come first: while they want more than the machine has, nobody looks at pictures for a while."""

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.ports.database import Reader
from rtcstack.ports.moderation import RoomView
from rtcstack.repositories import moderation

_log = log.get(__name__)
MOST_ROUNDS_LEFT_OUT = 3
"""In a row: halls are looked into at least every fourth time."""
JOBS_WAIT_S = 30.0
_JOBS_WAIT_AT_MOST_MS = 15 * 60_000


class SteppingBack:
    def __init__(self, reader: Reader, clock: Clock, view: RoomView) -> None:
        self._reader, self._clock, self._view = reader, clock, view
        self._left_out = 0

    async def leaves_round_out(self) -> bool:
        """Return whether running halls are not to be looked into this time."""
        if self._left_out >= MOST_ROUNDS_LEFT_OUT or not await self._is_wanted():
            self._left_out = 0
            return False
        if not self._left_out:
            _log.info("moderated halls are looked into less often: the machine is busy recording")
        self._left_out += 1
        return True

    async def puts_off(self, created_at_ms: int) -> bool:
        """Return whether work on a finished recording that has been asked for then is to wait."""
        waited_ms = self._clock.now_ms() - created_at_ms
        return waited_ms < _JOBS_WAIT_AT_MOST_MS and await self._is_wanted()

    async def _is_wanted(self) -> bool:
        return self._view.is_crowded() and await moderation.is_anything_recorded(self._reader)
