"""Close a room or a hall, whichever surface asks."""

from collections.abc import Sequence

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.room import Room
from rtcstack.errors import Upstream
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import participants, rooms
from rtcstack.services.audit import record
from rtcstack.services.events import Events
from rtcstack.services.recording_stop import RecordingStop

_log = log.get(__name__)
_LATELY_MS = 3_600_000
_BATCH = 1000


class RoomClose:
    def __init__(
        self, db: Database, clock: Clock, livekit: LiveKit, events: Events, recording_stop: RecordingStop
    ) -> None:
        self._db, self._clock, self._livekit, self._events = db, clock, livekit, events
        self._recording_stop = recording_stop
        self._unreached: dict[str, Room] = {}
        self._has_looked = False

    async def close(self, room: Room) -> bool:
        """Close it, stop its recording, disconnect everybody; one that is closed already is closed again.

        Return whether the recording could be stopped: one that goes on does not keep the room open, `HallRecording` sees
        to it.

        Raises:
            PartUnavailable: LiveKit does not answer. The room is closed here, but its participants may still be together: those
                of a hall until `HallRecording` has reached it.
        """
        if room.is_hall:  # first, or the next recording would be begun by itself while people are still there
            await self._mark(room)
        try:
            is_stopped = await self._stop(room)
            # Another room that LiveKit still has would be taken in again, should anybody ask for it while this one is stopped.
            await self._mark(room)
            await self.disconnect(room)
        except BaseException:  # the caller's hanging up among them
            if room.is_hall:  # any other may be open again
                self._unreached[room.livekit_name] = room
            raise
        return is_stopped

    async def _stop(self, room: Room) -> bool:
        try:
            await self._recording_stop.stop_if_active(room.tenant_id, room.id)
        except Upstream as e:
            _log.warning("the recording of a closed room goes on for now", room_id=room.id, error=e.message)
            return False
        return True

    async def disconnect(self, room: Room) -> None:
        """End the room in LiveKit; raises `PartUnavailable`."""
        await self._livekit.delete_room(room.livekit_name)
        self._unreached.pop(room.livekit_name, None)

    async def list_unreached(self) -> Sequence[Room]:
        """Return closed halls that LiveKit may still have; at first also those that a process before this one closed lately."""
        if not self._has_looked:
            closed_after_ms = self._clock.now_ms() - _LATELY_MS
            lately = await rooms.list_closed_halls(self._db, closed_after_ms, _BATCH)
            self._unreached.update((hall.livekit_name, hall) for hall in lately)
            self._has_looked = True
        return list(self._unreached.values())

    async def _mark(self, room: Room) -> None:
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if not await rooms.close(tx, room.tenant_id, room.id, now_ms):
                return
            action = Action.HALL_CLOSE if room.is_hall else Action.ROOM_CLOSE
            await record(tx, action, room.tenant_id, room.id, now_ms)
            for left in await participants.leave_all(tx, room.tenant_id, room.id, now_ms):
                await self._events.participant_moved(tx, left)
            closed = await rooms.find(tx, room.tenant_id, room.id)
            if closed and closed.is_hall:
                await self._events.hall_closed(tx, closed)
