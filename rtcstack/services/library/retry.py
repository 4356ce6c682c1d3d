"""Take up a failed recording again: its file has come to the bucket after all, or is kept in the spool of this machine."""

import asyncio

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import Conflict, ObjectNotFound, StoreDenied
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.kept_files import KeptFile, KeptFiles
from rtcstack.repositories import jobs, library, parts
from rtcstack.services.audit import record
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.storage.stores import Stores


class RecordingRetry:
    """A file that is in another machine's spool is uploaded by the worker there, not from here."""

    def __init__(
        self, db: Database, clock: Clock, stores: Stores, kept: KeptFiles, query: RecordingQuery
    ) -> None:
        self._db, self._clock, self._stores, self._kept, self._query = db, clock, stores, kept, query

    async def retry(self, tenant_id: str, recording_id: str) -> Recording:
        """Return the recording, which is processing again: it will be ready, or failed with a reason.

        Raises:
            RecordingNotFound: the tenant has none of that id.
            Conflict: it has not failed, or its file is neither here nor in the bucket.
            PartUnavailable: the store does not answer; nothing was changed.
        """
        recording = await self._query.get(tenant_id, recording_id)
        if recording.state is not RecordingState.FAILED:
            raise _not_failed(recording)
        is_kept = await find_kept(self._db, self._kept, recording.id) is not None
        if not is_kept:
            try:
                await self._check_object(recording)
            except Conflict:
                if await find_parts(self._db, self._kept, recording.id) is None:
                    raise
                is_kept = True
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if not await library.retry(tx, recording.id, None if is_kept else now_ms):
                raise _not_failed(recording)
            if is_kept:
                await jobs.add(tx, new_id("job", now_ms), JobKind.UPLOAD, recording.id, now_ms)
            await record(tx, Action.RECORDING_RETRY, tenant_id, recording.id, now_ms)
        return await self._query.get(tenant_id, recording_id)

    async def _check_object(self, recording: Recording) -> None:
        storage = await self._stores.of(recording.storage_id)
        try:
            await storage.stat(recording.object_key, recording.bucket)
        except ObjectNotFound as e:
            raise Conflict(
                "The file of this recording is not in the bucket, and not among what recorders on this machine have given up."
                " One that still has it uploads it by itself.",
                code="file_missing",
            ) from e
        except StoreDenied as e:
            raise Conflict(
                f"Whether the file is in the bucket cannot be seen with the key of this bucket. {e.message}",
                code="storage_read_forbidden",
            ) from e


async def find_kept(db: Database, kept: KeptFiles, recording_id: str) -> KeptFile | None:
    """Return the file of the latest egress that left one here."""
    for egress_id in await parts.egress_ids(db, recording_id):
        if found := await asyncio.to_thread(kept.find, egress_id):
            return found
    return None


async def find_parts(db: Database, kept: KeptFiles, recording_id: str) -> str | None:
    """Return the id of the latest egress that left parts here; of interest only where no file is found."""
    for egress_id in await parts.egress_ids(db, recording_id):
        if await asyncio.to_thread(kept.has_parts, egress_id):
            return egress_id
    return None


def _not_failed(recording: Recording) -> Conflict:
    return Conflict("Recording is not in failed status", code="recording_not_failed", status=recording.state)
