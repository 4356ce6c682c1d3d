"""Close a room or a hall, whichever surface asks."""

from rtcstack.clock import Clock
from rtcstack.domain.room import Room
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import participants, rooms
from rtcstack.services.events import Events
from rtcstack.services.recording_stop import RecordingStop


class RoomClose:
    def __init__(
        self, db: Database, clock: Clock, livekit: LiveKit, events: Events, recording_stop: RecordingStop
    ) -> None:
        self._db, self._clock, self._livekit, self._events = db, clock, livekit, events
        self._recording_stop = recording_stop

    async def close(self, room: Room) -> None:
        """Stop its recording, close it, disconnect everybody; one that is closed already is closed again.

        Raises:
            PartUnavailable: LiveKit does not answer; a recording that runs goes on and the room stays open.
        """
        await self._recording_stop.stop_if_active(room.tenant_id, room.id)
        # Before LiveKit tells that the room is gone: an open hall's would be made again.
        await self._mark(room)
        await self._livekit.delete_room(room.livekit_name)

    async def _mark(self, room: Room) -> None:
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if not await rooms.close(tx, room.tenant_id, room.id, now_ms):
                return
            for left in await participants.leave_all(tx, room.tenant_id, room.id, now_ms):
                await self._events.participant_moved(tx, left)
            closed = await rooms.find(tx, room.tenant_id, room.id)
            if closed and closed.is_hall:
                await self._events.hall_closed(tx, closed)
