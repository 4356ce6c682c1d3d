"""Halls with `record: true` are recorded from creation, while somebody is in them, and again when somebody returns."""

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.room import Room
from rtcstack.errors import Conflict, RoomNotFound, RtcError
from rtcstack.ports.database import Database
from rtcstack.repositories import rooms
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.hall_rounds import HallRounds, Outcome
from rtcstack.services.recording_queue import RecordingQueue
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.room_close import RoomClose

_log = log.get(__name__)
_BATCH = 50
_AFTER_FAILURE_MS = 30_000
"""How long a hall waits for its next recording when one has failed."""


class HallRecording:
    """`empty_grace_s` after the last departure the recording is finished, `never_joined_s` after its start if nobody came."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        queue: RecordingQueue,
        stop: RecordingStop,
        close: RoomClose,
        *,
        empty_grace_s: float,
        never_joined_s: float,
    ) -> None:
        self._db, self._clock = db, clock
        self._queue, self._stop, self._close = queue, stop, close
        self._empty_grace_ms, self._never_joined_ms = (
            round(empty_grace_s * 1000),
            round(never_joined_s * 1000),
        )
        self._rounds = HallRounds(clock)
        self._refused: set[str] = set()  # so that a quota is logged once a hall, not once a second

    async def run_once(self) -> bool:
        """Finish the recordings of deserted and closed halls, begin those of halls that came to life, end in LiveKit what is
        closed.

        Many at once, so that trouble with one does not delay another. What could not be done now is not pressed for: the
        answer is False always.
        """
        now_ms = self._clock.now_ms()
        deserted = await rooms.list_deserted(
            self._db,
            left_before_ms=now_ms - self._empty_grace_ms,
            begun_before_ms=now_ms - self._never_joined_ms,
            limit=_BATCH + self._rounds.not_now,
        )
        await self._rounds.round(deserted, self._finish)
        unrecorded = await rooms.list_unrecorded(
            self._db, failed_after_ms=now_ms - _AFTER_FAILURE_MS, limit=_BATCH + self._rounds.not_now
        )
        await self._rounds.round(unrecorded, self._begin)
        await self._rounds.round(await self._close.list_unreached(), self._disconnect)
        return False

    async def drain(self) -> None:
        """Wait for what is under way."""
        await self._rounds.drain()

    async def _finish(self, hall: Room) -> Outcome:
        """A closed one has a recording only if it could not be stopped then, or was just being begun."""
        try:
            if hall.is_closed and hall.is_hall:
                return Outcome.DONE if await self._close.close(hall) else Outcome.TROUBLE
            await self._stop.stop_if_active(hall.tenant_id, hall.id)
        except RtcError as e:
            _log.warning("a hall's recording could not be stopped yet", room_id=hall.id, error=e.message)
            return Outcome.TROUBLE
        return Outcome.DONE

    async def _disconnect(self, hall: Room) -> Outcome:
        try:
            await self._close.disconnect(hall)
        except RtcError as e:
            _log.warning("a closed hall's people may still be together", room_id=hall.id, error=e.message)
            return Outcome.TROUBLE
        return Outcome.DONE

    async def _begin(self, hall: Room) -> Outcome:
        """A hall without quota is looked at again in the next round: it waits for another one's end, not for a part."""
        try:
            await self._queue.start_or_queue(hall, CompositeOptions())
            self._refused.discard(hall.id)
        except (Conflict, RoomNotFound) as e:
            if hall.id not in self._refused:
                _log.warning("a hall is not recorded", room_id=hall.id, error=e.message)
            self._refused.add(hall.id)
            return Outcome.NOT_NOW
        return Outcome.DONE
