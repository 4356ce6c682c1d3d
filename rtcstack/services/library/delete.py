"""Soft deletion: the recording is marked and out of sight, and its clips with it; the data stays (services/library/purge.py)."""

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.recording import Recording
from rtcstack.errors import Conflict
from rtcstack.ports.database import Database
from rtcstack.repositories import clips, library
from rtcstack.services.audit import record
from rtcstack.services.recording_query import RecordingQuery


class RecordingDelete:
    def __init__(self, db: Database, clock: Clock, query: RecordingQuery) -> None:
        self._db, self._clock, self._query = db, clock, query

    async def delete(self, tenant_id: str, recording_id: str) -> tuple[Recording, int]:
        """Mark it; return it and when it was marked.

        Raises:
            RecordingNotFound: the tenant has none of that id; one that was deleted before is none.
            Conflict: it is being recorded.
        """
        recording = await self._query.get(tenant_id, recording_id)
        now_ms = self._clock.now_ms()
        while not recording.is_active:
            async with self._db.transaction() as tx:
                if await library.delete(tx, recording, now_ms):
                    await clips.delete_of_recording(tx, recording.id, now_ms)
                    of = {"room_id": recording.room_id}
                    await record(tx, Action.RECORDING_DELETE, tenant_id, recording.id, now_ms, **of)
                    return recording, now_ms
            # It went on to another state in between, or somebody else deleted it.
            recording = await self._query.get(tenant_id, recording_id)
        raise Conflict(
            "Recording is still in progress. Stop it first.", code="recording_active", status=recording.state
        )
