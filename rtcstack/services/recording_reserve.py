"""Hold a room's one place for a recording: the row, its instant, its object key."""

from rtcstack.clock import Clock
from rtcstack.domain.object_key import object_key
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import recordings
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.quotas import Quotas


class RecordingReserve:
    def __init__(self, db: Database, clock: Clock, quotas: Quotas, *, bucket: str) -> None:
        self._db, self._clock, self._quotas, self._bucket = db, clock, quotas, bucket

    async def reserve(self, room: Room, options: CompositeOptions) -> Recording | None:
        """Insert a `starting` row; None if the room is being recorded.

        Raises:
            Conflict: `quota_reached`.
        """
        async with self._db.transaction() as tx:
            return await self.reserve_in(tx, room, options)

    async def reserve_in(self, tx: Tx, room: Room, options: CompositeOptions) -> Recording | None:
        """Do the same as part of the caller's transaction."""
        now_ms = self._clock.now_ms()
        first_key = object_key(room.tenant_id, room.id, now_ms)
        if await recordings.find_active(tx, room.tenant_id, room.id):
            return None
        await self._quotas.check_recording(tx, room.tenant_id)
        same_second = await recordings.count_keys(tx, first_key.removesuffix(".mp4"))
        recording = Recording(
            id=new_id("rec", now_ms),
            tenant_id=room.tenant_id,
            room_id=room.id,
            state=RecordingState.STARTING,
            bucket=self._bucket,
            object_key=object_key(room.tenant_id, room.id, now_ms, nth=same_second + 1),
            started_at_ms=now_ms,
            options=options.stored(),
        )
        await recordings.add(tx, recording)
        return recording
