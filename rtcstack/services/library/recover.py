"""Ask for a stalled recording to be looked for: it becomes ready, or failed with a reason (recover_work.py)."""

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import Invalid
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.repositories import jobs
from rtcstack.services.audit import record
from rtcstack.services.recording_query import RecordingQuery

_STALLED = frozenset({RecordingState.STOPPING, RecordingState.PROCESSING})
"""What the library calls `processing`."""


class RecordingRecover:
    def __init__(self, db: Database, clock: Clock, query: RecordingQuery) -> None:
        self._db, self._clock, self._query = db, clock, query

    async def recover(self, tenant_id: str, recording_id: str) -> Recording:
        """Have it looked for in the background, now; asked for twice, it is looked for once.

        Raises:
            RecordingNotFound: the tenant has none of that id.
            Invalid: it is not processing, or has no egress id.
        """
        recording = await self._query.get(tenant_id, recording_id)
        if recording.state not in _STALLED or recording.egress_id is None:
            raise Invalid(
                "Recording is not in processing status or missing Cloudflare recording ID",
                code="recording_not_recoverable",
                status=recording.state,
            )
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await jobs.add(tx, new_id("job", now_ms), JobKind.RECOVER, recording.id, now_ms)
            await jobs.hurry(tx, recording.id, JobKind.RECOVER, now_ms)
            await record(tx, Action.RECORDING_RECOVER, tenant_id, recording.id, now_ms)
        return recording
