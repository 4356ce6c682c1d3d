"""Bring a stalled recording to an end: ask LiveKit, then the bucket; it becomes ready, or failed with a reason."""

from dataclasses import replace

from rtcstack.clock import Clock
from rtcstack.domain.egress import HAS_FILE, EgressSnapshot
from rtcstack.domain.job import Job, JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import livekit_name
from rtcstack.errors import Invalid, ObjectNotFound, PartUnavailable, RtcError
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.ports.storage import Storage, StoredObject
from rtcstack.repositories import jobs, recordings
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.library.jobs import Lease
from rtcstack.services.recording_query import RecordingQuery

_STALLED = frozenset({RecordingState.STOPPING, RecordingState.PROCESSING})
"""What the library calls `processing`."""
_PATIENCE_MS = 120_000
"""How long a file that LiveKit promises may take to appear before the recording counts as lost."""


class RecordingRecover:
    def __init__(self, db: Database, clock: Clock, query: RecordingQuery) -> None:
        self._db, self._clock, self._query = db, clock, query

    async def recover(self, tenant_id: str, recording_id: str) -> Recording:
        """Have it looked for in the background; asked for twice, it is looked for once.

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
        return recording


class RecoverWork:
    """A file that is still in a worker's spool is finished and uploaded by that worker, which tells LiveKit; for as long
    as LiveKit counts on it, and for two minutes at most, this waits. Should it come later, the recording is ready then.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        storage: Storage,
        events: Events,
        finalize: Finalize,
    ) -> None:
        self._db, self._clock, self._livekit, self._storage = db, clock, livekit, storage
        self._events, self._finalize = events, finalize

    async def run(self, job: Job, lease: Lease) -> None:
        recording = await recordings.find(self._db, job.recording_id)
        if recording is None or recording.state not in _STALLED:
            await self._finish(job)
            return
        egress = await self._find_egress(recording)
        found = await self._find_object(recording)
        await lease.check()
        if found is None:
            await self._without_object(job, recording, egress)
        else:
            await self._with_object(job, recording, egress, found)

    async def give_up(self, job: Job, error: RtcError) -> None:
        await self._finish(job, error.message)

    async def _finish(self, job: Job, error: str | None = None) -> None:
        async with self._db.transaction() as tx:
            await jobs.finish(tx, job, self._clock.now_ms(), error=error)

    async def _find_egress(self, recording: Recording) -> EgressSnapshot | None:
        told = await self._livekit.list_egresses(livekit_name(recording.tenant_id, recording.room_id))
        return next((e for e in told if e.egress_id == recording.egress_id), None)

    async def _find_object(self, recording: Recording) -> StoredObject | None:
        try:
            return await self._storage.stat(recording.object_key, recording.bucket)
        except ObjectNotFound:
            return None

    async def _with_object(
        self, job: Job, recording: Recording, egress: EgressSnapshot | None, found: StoredObject
    ) -> None:
        """An object is there only when its upload was complete: whatever LiveKit says, this is the recording."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if recording.state is RecordingState.STOPPING:
                duration_ms = egress.duration_ms if egress else None
                ended_at_ms = egress.ended_at_ms if egress else None
                await recordings.note_file(
                    tx,
                    recording.id,
                    duration_ms=duration_ms,
                    size_bytes=found.size_bytes,
                    stopped_at_ms=ended_at_ms or now_ms,
                )
                await recordings.move(tx, recording, RecordingState.PROCESSING, due_at_ms=now_ms)
        await self._finalize.finalize(recording.id)
        now = await recordings.find(self._db, recording.id)
        if now is not None and now.state in _STALLED:
            raise PartUnavailable("The store did not confirm the recording yet.", part="minio")
        await self._finish(job)

    async def _without_object(self, job: Job, recording: Recording, egress: EgressSnapshot | None) -> None:
        is_promised = egress is not None and (not egress.is_ended or egress.status in HAS_FILE)
        if is_promised and self._clock.now_ms() - job.created_at_ms < _PATIENCE_MS:
            raise PartUnavailable("The recorder's file is not in the bucket yet.", part="egress")
        text = _reason(egress)
        async with self._db.transaction() as tx:
            if not await jobs.finish(tx, job, self._clock.now_ms()):
                return
            if await recordings.fail(tx, recording, "not_recovered", text, self._clock.now_ms()):
                failed = replace(
                    recording, state=RecordingState.FAILED, error_code="not_recovered", error=text
                )
                await self._events.recording_ended(tx, failed)


def _reason(egress: EgressSnapshot | None) -> str:
    if egress is None:
        return "LiveKit no longer knows the egress, and the bucket does not have its file."
    if egress.error:
        return f"The bucket does not have the file; LiveKit says: {egress.error}"
    return f"LiveKit says that the egress is {egress.status}, and the bucket does not have its file."
