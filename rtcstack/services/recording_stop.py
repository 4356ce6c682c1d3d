"""Stop the active recording of a room."""

from dataclasses import replace

from rtcstack.clock import Clock
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import RecordingNotActive
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import recordings
from rtcstack.services.egress_wait import wait_for_egress


class RecordingStop:
    def __init__(self, db: Database, clock: Clock, livekit: LiveKit, *, timeout_s: float) -> None:
        self._db, self._clock, self._livekit, self._timeout_s = db, clock, livekit, timeout_s

    async def stop(self, tenant_id: str, room_id: str) -> Recording:
        """Return the recording that now is stopping.

        Raises:
            RecordingNotActive: the room has none.
            PartUnavailable: LiveKit does not answer; the recording goes on and stop can be called again.
        """
        stopped = await self.stop_if_active(tenant_id, room_id)
        if stopped is None:
            raise RecordingNotActive(f"Room {room_id} is not being recorded.", roomId=room_id)
        return stopped

    async def stop_if_active(self, tenant_id: str, room_id: str) -> Recording | None:
        found = await recordings.find_active(self._db, tenant_id, room_id)
        active = await wait_for_egress(self._db, found, self._timeout_s) if found else None
        if active is None or active.egress_id is None:
            return None
        await self._livekit.stop_egress(active.egress_id)
        async with self._db.transaction() as tx:
            # The egress's own events may have been quicker: then the row is past stopping already.
            await recordings.move(tx, active, RecordingState.STOPPING, stopped_at_ms=self._clock.now_ms())
        return replace(active, state=RecordingState.STOPPING)
