"""Halls with `record: true` are recorded from creation, while somebody is in them, and again when somebody returns."""

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.room import Room
from rtcstack.errors import Conflict, Upstream
from rtcstack.ports.database import Database
from rtcstack.repositories import rooms
from rtcstack.services.composite import CompositeOptions
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
        self._refused: set[str] = set()  # so that a quota is logged once a hall, not once a second

    async def run_once(self) -> bool:
        """Finish the recordings of deserted and closed halls, begin those of halls that came to life.

        What could not be done now is not pressed for: the answer is False always.
        """
        now_ms = self._clock.now_ms()
        deserted = await rooms.list_deserted(
            self._db,
            left_before_ms=now_ms - self._empty_grace_ms,
            begun_before_ms=now_ms - self._never_joined_ms,
            limit=_BATCH,
        )
        for hall in deserted:
            await self._finish(hall)
        unrecorded = await rooms.list_unrecorded(
            self._db, failed_after_ms=now_ms - _AFTER_FAILURE_MS, limit=_BATCH
        )
        for hall in unrecorded:
            await self._begin(hall)
        return False

    async def _finish(self, hall: Room) -> None:
        """A closed hall has one only if it was begun while the hall was being closed: it is closed again."""
        try:
            if hall.is_closed:
                await self._close.close(hall)
            else:
                await self._stop.stop_if_active(hall.tenant_id, hall.id)
        except Upstream as e:
            _log.warning("a hall's recording could not be stopped yet", hall=hall.id, error=e.message)

    async def _begin(self, hall: Room) -> None:
        try:
            await self._queue.start_or_queue(hall, CompositeOptions())
            self._refused.discard(hall.id)
        except Conflict as e:
            if hall.id not in self._refused:
                _log.warning("a hall is not recorded", hall=hall.id, error=e.message)
            self._refused.add(hall.id)
