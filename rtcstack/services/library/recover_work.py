"""Bring a stalled recording to an end: ask LiveKit, the workers, the bucket; it becomes ready, or failed with a reason."""

import asyncio
from dataclasses import replace

from rtcstack.clock import Clock
from rtcstack.domain.egress import HAS_FILE, EgressSnapshot, EgressStatus
from rtcstack.domain.job import Job, JobKind
from rtcstack.domain.recording import UNENDED, Recording, RecordingState
from rtcstack.domain.room import livekit_name
from rtcstack.errors import ObjectNotFound, PartRefused, RtcError, StoreDenied, Upstream
from rtcstack.ports.database import Database
from rtcstack.ports.kept_files import KeptFiles
from rtcstack.ports.livekit import LiveKit
from rtcstack.ports.storage import StoredObject
from rtcstack.repositories import jobs, recordings
from rtcstack.services.egress_watch import EgressWatch, Presence
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.jobs import Lease, NotYet
from rtcstack.services.storage.stores import Stores

_OPEN = UNENDED | {RecordingState.PROCESSING}
_PATIENCE_MS = 120_000
"""How long a file that is promised may take to appear before the recording counts as lost."""
_POLL_S = 5.0
_OUTAGE_S = 5.0
"""How soon LiveKit and the store are asked again while they do not answer; their silence says nothing of the file."""


class RecoverWork:
    """An object that is there is the recording, whatever anybody says. What a live worker has is left to it otherwise: it
    finishes the file, uploads it and tells LiveKit. What no worker has any more is over. What may still come, since a worker cannot be asked or its spool has the
    file, is waited for two minutes at most; should it come later, the recording is ready then.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        watch: EgressWatch,
        kept: KeptFiles,
        stores: Stores,
        events: Events,
        finalize: Finalize,
    ) -> None:
        self._db, self._clock, self._livekit, self._watch = db, clock, livekit, watch
        self._kept, self._stores, self._events, self._finalize = kept, stores, events, finalize

    async def run(self, job: Job, lease: Lease) -> None:
        try:
            await self._look(job, lease)
        except Upstream as e:
            if not e.retryable:
                raise
            raise NotYet(e.message, again_in_s=_OUTAGE_S) from e

    async def _look(self, job: Job, lease: Lease) -> None:
        recording = await recordings.find(self._db, job.recording_id)
        if recording is None or recording.state not in _OPEN or recording.egress_id is None:
            await self._finish(job)
            return
        if await jobs.is_pending(self._db, recording.id, JobKind.UPLOAD):
            await self._finish(job)  # its file is on its way from the spool
            return
        egress = await self._find_egress(recording)
        presence = await self._watch.look_for(recording.egress_id)
        found = await self._find_object(recording, egress)
        await lease.check()
        if isinstance(found, StoredObject):
            await self._with_object(job, recording, egress, found)
        elif recording.is_active and presence is not Presence.GONE:
            await self._finish(job)  # it was thought to be gone, and may not be
        elif presence is Presence.RUNS and not await self._has_ended(recording, egress):
            await self._finish(job)  # it goes on, or ends, as it should
        else:
            await self._without_object(job, recording, egress, presence, found)

    async def give_up(self, job: Job, error: RtcError) -> None:
        await self._finish(job, error.message)

    async def _finish(self, job: Job, error: str | None = None) -> None:
        async with self._db.transaction() as tx:
            await jobs.finish(tx, job, self._clock.now_ms(), error=error)

    async def _find_egress(self, recording: Recording) -> EgressSnapshot | None:
        told = await self._livekit.list_egresses(livekit_name(recording.tenant_id, recording.room_id))
        return next((e for e in told if e.egress_id == recording.egress_id), None)

    async def _has_ended(self, recording: Recording, egress: EgressSnapshot | None) -> bool:
        """Repeat a stop that may not have reached the worker that has it; return whether that says it has ended, and LiveKit
        does not know. Of one that is ending by the books LiveKit says the same while its worker is silent.
        """
        is_running = egress is None or not egress.is_ended
        if recording.state is not RecordingState.STOPPING or not recording.egress_id or not is_running:
            return False
        is_taken = await self._livekit.stop_egress(recording.egress_id)
        return egress is not None and egress.status is not EgressStatus.ENDING and not is_taken

    async def _find_object(
        self, recording: Recording, egress: EgressSnapshot | None
    ) -> StoredObject | PartRefused:
        """Ask the store; return its words if it has no such object or does not say. Where the key of a tenant's bucket may
        not look, what LiveKit says of the file has to do.
        """
        storage = await self._stores.of(recording.storage_id)
        try:
            return await storage.stat(recording.object_key, recording.bucket)
        except StoreDenied as e:
            if egress is None or egress.status not in HAS_FILE or egress.size_bytes is None:
                return e
            return StoredObject(recording.object_key, egress.size_bytes, "", {})
        except PartRefused as e:
            return e

    async def _with_object(
        self, job: Job, recording: Recording, egress: EgressSnapshot | None, found: StoredObject
    ) -> None:
        """An object is there only when its upload was complete: whatever LiveKit says, this is the recording."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            is_open = recording.state is not RecordingState.PROCESSING
            # What was heard of it meanwhile is newer than what was asked for.
            if is_open and await recordings.move(tx, recording, RecordingState.PROCESSING, due_at_ms=now_ms):
                duration_ms = egress.duration_ms if egress else None
                ended_at_ms = egress.ended_at_ms if egress else None
                await recordings.note_file(
                    tx,
                    recording.id,
                    duration_ms=duration_ms,
                    size_bytes=found.size_bytes,
                    stopped_at_ms=ended_at_ms or now_ms,
                )
        await self._finalize.finalize(recording.id)
        now = await recordings.find(self._db, recording.id)
        if now is not None and now.state in _OPEN:
            raise NotYet("The store did not confirm the recording yet.", again_in_s=_OUTAGE_S)
        await self._finish(job)

    async def _without_object(
        self,
        job: Job,
        recording: Recording,
        egress: EgressSnapshot | None,
        presence: Presence,
        words: PartRefused,
    ) -> None:
        left_ms = job.created_at_ms + _PATIENCE_MS - self._clock.now_ms()
        is_undecided = (
            left_ms > 0 or presence is Presence.MISSING
        )  # which soon turns out to be gone, or is back
        if is_undecided and await self._is_promised(recording, egress, presence):
            again_in_s = min(_POLL_S, left_ms / 1000) if left_ms > 0 else _POLL_S
            raise NotYet("The recorder's file is not in the bucket yet.", again_in_s=again_in_s)
        text = _reason(egress, presence, words)
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            now = await recordings.find(tx, recording.id)
            if not await jobs.finish(tx, job, now_ms) or now is None or now.state not in _OPEN:
                return
            if await recordings.fail(tx, now, "not_recovered", text, now_ms, stopped_at_ms=now_ms):
                failed = replace(now, state=RecordingState.FAILED, error_code="not_recovered", error=text)
                await self._events.recording_ended(tx, failed)

    async def _is_promised(
        self, recording: Recording, egress: EgressSnapshot | None, presence: Presence
    ) -> bool:
        """Whether the file may come yet: LiveKit has heard of it, a worker may have it, or the spool of this machine has."""
        if recording.state is RecordingState.PROCESSING or (egress is not None and egress.is_ended):
            return egress is not None and egress.status in HAS_FILE
        if presence is not Presence.GONE:
            return True
        return await asyncio.to_thread(self._kept.is_awaited, recording.egress_id or "")


def _reason(egress: EgressSnapshot | None, presence: Presence, words: PartRefused) -> str:
    if isinstance(words, ObjectNotFound):
        bucket = "the bucket does not have its file"
    else:
        bucket = f"its bucket does not tell whether it has the file: {words.message}"
    if egress is not None and egress.is_ended and egress.error:
        return f"The egress failed, and {bucket}; LiveKit says: {egress.error}"
    if presence is Presence.GONE:
        return f"The Egress worker that recorded it is gone, and {bucket}."
    if egress is None:
        return f"LiveKit no longer knows the egress, and {bucket}."
    return f"LiveKit says that the egress is {egress.status}, and {bucket}."
