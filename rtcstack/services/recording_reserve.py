"""Hold a room's one place for a recording: the row, its instant, its object key."""

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.object_key import key_in
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import RoomNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import recordings, rooms
from rtcstack.services.audit import record
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.quotas import Quotas
from rtcstack.services.storage.place import Places, room_folder


class RecordingReserve:
    def __init__(self, db: Database, clock: Clock, quotas: Quotas, places: Places) -> None:
        self._db, self._clock, self._quotas, self._places = db, clock, quotas, places

    async def reserve(self, room: Room, options: CompositeOptions) -> Recording | None:
        """Insert a `starting` row; None if the room is being recorded.

        Raises:
            RoomNotFound: it was closed in between.
            Conflict: `quota_reached`, `storage_not_configured`.
        """
        async with self._db.transaction() as tx:
            return await self.reserve_in(tx, room, options)

    async def reserve_in(self, tx: Tx, room: Room, options: CompositeOptions) -> Recording | None:
        """Do the same as part of the caller's transaction."""
        now = await rooms.find(tx, room.tenant_id, room.id)
        if now is None or now.is_closed:
            raise RoomNotFound(f"The room {room.id} was closed.", room_id=room.id)
        now_ms = self._clock.now_ms()
        if await recordings.find_active(tx, room.tenant_id, room.id):
            return None
        own = await self._places.current(tx, room.tenant_id)
        folder = room_folder(own, room.tenant_id, room.id)
        await self._quotas.check_recording(tx, room.tenant_id)
        stem = key_in(folder, now_ms).removesuffix(".mp4")
        same_second = await recordings.count_keys(tx, room.tenant_id, stem)
        recording = Recording(
            id=new_id("rec", now_ms),
            tenant_id=room.tenant_id,
            room_id=room.id,
            state=RecordingState.STARTING,
            storage_id=own.id if own else None,
            bucket=own.bucket if own else self._places.shared_bucket,
            object_key=key_in(folder, now_ms, nth=same_second + 1),
            started_at_ms=now_ms,
            options=options.stored(),
        )
        await recordings.add(tx, recording)
        await rooms.note_recording_stopped(tx, room.tenant_id, room.id, is_stopped=False)
        await record(tx, Action.RECORDING_START, room.tenant_id, recording.id, now_ms, room_id=room.id)
        return recording
