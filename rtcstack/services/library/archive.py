"""Ask for a recording to be moved to the archive, or back: answered at once, done by a job (services/library/transfer.py)."""

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState, Transfer
from rtcstack.errors import Conflict, Invalid, ObjectNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import jobs, library, recordings
from rtcstack.services.audit import record
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.storage.stores import Stores


class RecordingArchive:
    def __init__(
        self, db: Database, clock: Clock, stores: Stores, query: RecordingQuery, *, cold_bucket: str
    ) -> None:
        """`cold_bucket` is that of the shared store; in a tenant's own bucket the archive is a folder."""
        self._db, self._clock, self._stores, self._query = db, clock, stores, query
        self._cold_bucket = cold_bucket

    async def archive(self, tenant_id: str, recording_id: str) -> Recording:
        """Return the recording, which is archived from now on; its object is moved soon.

        Raises:
            RecordingNotFound: the tenant has none of that id.
            Invalid: it is not ready, or its object is not in the primary store.
            Conflict: `storage_read_forbidden`, `storage_delete_forbidden`: the key of its bucket may not do that.
            PartUnavailable: the store does not answer; nothing was changed.
        """
        recording = await self._query.get(tenant_id, recording_id)
        storage = await self._stores.of(recording.storage_id)
        if recording.state is not RecordingState.READY or recording.bucket != storage.bucket:
            raise _not_archivable(recording)
        await self._stores.check_movable(recording.storage_id)
        try:
            await storage.stat(recording.object_key)
        except ObjectNotFound as e:
            raise _not_archivable(recording) from e
        cold_bucket = self._cold_bucket if recording.storage_id is None else recording.bucket
        async with self._db.transaction() as tx:
            if not await library.archive(tx, recording.id, cold_bucket, self._clock.now_ms()):
                raise _not_archivable(recording)
            await self._queue(tx, JobKind.ARCHIVE, recording, Action.RECORDING_ARCHIVE)
        return await self._query.get(tenant_id, recording_id)

    async def restore(self, tenant_id: str, recording_id: str) -> Recording:
        """Return the recording, which is still archived and will be ready; asked for twice, it is restored once.

        Raises:
            RecordingNotFound: the tenant has none of that id.
            Conflict: it is not archived, or still on its way to the archive.
        """
        recording = await self._query.get(tenant_id, recording_id)
        if recording.state is not RecordingState.ARCHIVED:
            raise Conflict("Recording is not archived", code="recording_not_archived", status=recording.state)
        async with self._db.transaction() as tx:
            if await jobs.is_pending(tx, recording.id, JobKind.ARCHIVE):
                raise Conflict(
                    "Recording is still being moved to the archive. Please try again when its transfer is done.",
                    code="transfer_pending",
                )
            await library.set_transfer(tx, recording.id, Transfer.PENDING)
            await self._queue(tx, JobKind.RESTORE, recording, Action.RECORDING_RESTORE)
            return await recordings.find(tx, recording.id) or recording

    async def _queue(self, tx: Tx, kind: JobKind, recording: Recording, action: Action) -> None:
        now_ms = self._clock.now_ms()
        await jobs.add(tx, new_id("job", now_ms), kind, recording.id, now_ms)
        await record(tx, action, recording.tenant_id, recording.id, now_ms)


def _not_archivable(recording: Recording) -> Invalid:
    """Use document 003's words; its R2 is the primary store here."""
    return Invalid(
        "Recording is not in ready status or not stored in R2",
        code="recording_not_archivable",
        status=recording.state,
    )
