"""Bring a file that is kept in this machine's spool to its store, with the keys that are set now."""

import asyncio
from dataclasses import replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.job import Job
from rtcstack.domain.object_key import index_key
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import PartRefused, PartUnavailable, RtcError, StoreDenied
from rtcstack.ports.database import Database
from rtcstack.ports.kept_files import KeptFile, KeptFiles, NoFile
from rtcstack.ports.storage import Location, Storage
from rtcstack.repositories import jobs, processing, recordings
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.jobs import Lease
from rtcstack.services.library.retry import find_kept, find_parts
from rtcstack.services.storage.stores import Stores
from rtcstack.services.stored_facts import CHECKSUM

_log = log.get(__name__)


class UploadWork:
    """The file leaves the spool once the recording is ready; until then every step may be repeated."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        stores: Stores,
        kept: KeptFiles,
        events: Events,
        finalize: Finalize,
    ) -> None:
        self._db, self._clock, self._stores, self._kept = db, clock, stores, kept
        self._events, self._finalize = events, finalize

    async def run(self, job: Job, lease: Lease) -> None:
        recording = await recordings.find(self._db, job.recording_id)
        kept = await find_kept(self._db, self._kept, job.recording_id)
        if recording and recording.state is RecordingState.PROCESSING:
            kept = kept or await self._join(recording)
            if kept:
                await self._upload(recording, kept)
                await lease.check()
            await self._report(recording, kept)
            recording = await recordings.find(self._db, job.recording_id)
        if recording and recording.state is RecordingState.PROCESSING:
            raise PartUnavailable("The store did not confirm the file yet.", part="minio")
        if kept and recording and recording.state is RecordingState.READY:
            await asyncio.to_thread(self._kept.remove, kept.egress_id)
        async with self._db.transaction() as tx:
            await jobs.finish(tx, job, self._clock.now_ms())

    async def give_up(self, job: Job, error: RtcError) -> None:
        """The file stays in the spool: another retry may follow."""
        async with self._db.transaction() as tx:
            if not await jobs.finish(tx, job, self._clock.now_ms(), error=error.message):
                return  # another process has it, or has done it
            recording = await recordings.find(tx, job.recording_id)
            if recording is None or recording.state is not RecordingState.PROCESSING:
                return
            reason = error.word if isinstance(error, NoFile) else "upload_refused"
            if await recordings.fail(tx, recording, reason, error.message, self._clock.now_ms()):
                failed = replace(recording, state=RecordingState.FAILED, error=error.message)
                await self._events.recording_ended(tx, failed)

    async def _join(self, recording: Recording) -> KeptFile | None:
        """Return the file of the parts that its worker could not make one of; None if there are none."""
        egress_id = await find_parts(self._db, self._kept, recording.id)
        return await self._kept.make(egress_id) if egress_id else None

    async def _upload(self, recording: Recording, kept: KeptFile) -> None:
        """The index first, so that whoever sees the recording finds it."""
        storage = await self._stores.of(recording.storage_id)
        await storage.upload(
            kept.index,
            index_key(recording.object_key),
            content_type="application/gzip",
            metadata={"rtcstack-egress": kept.egress_id},
            bucket=recording.bucket,
        )
        await storage.upload(
            kept.file,
            recording.object_key,
            content_type="video/mp4",
            metadata=kept.metadata,
            bucket=recording.bucket,
        )
        await _check_arrival(storage, recording, kept)
        _log.info("uploaded from the spool", recording_id=recording.id, egress_id=kept.egress_id)

    async def _report(self, recording: Recording, kept: KeptFile | None) -> None:
        """Go on as if a recorder had reported the file; what is neither here nor in the store fails there."""
        async with self._db.transaction() as tx:
            if kept:
                await recordings.note_file(
                    tx,
                    recording.id,
                    duration_ms=kept.duration_ms,
                    size_bytes=kept.size_bytes,
                    stopped_at_ms=None,
                )
            await processing.make_due(tx, recording.id, self._clock.now_ms())
        await self._finalize.finalize(recording.id)


async def _check_arrival(storage: Storage, recording: Recording, kept: KeptFile) -> None:
    """Read back what arrived: the only other copy is removed next.

    Raises:
        PartUnavailable: it is not, or not yet, what was sent.
    """
    sent = kept.metadata[CHECKSUM]
    try:
        at = Location(recording.bucket, recording.object_key)
        there = await storage.sha256(at, kept.size_bytes, like=sent)
    except StoreDenied:
        return  # a key that may put alone: that the store took it has to do
    except PartRefused as e:
        raise PartUnavailable(e.message, part=e.part) from e
    if there != sent:
        raise PartUnavailable(
            f"The store holds {recording.object_key} otherwise than it was sent.", part="minio"
        )
