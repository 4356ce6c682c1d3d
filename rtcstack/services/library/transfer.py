"""Move an archived recording's object: copy, compare, free the original. Every step may be repeated."""

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.checksum import is_checksum
from rtcstack.domain.job import Job
from rtcstack.domain.recording import Recording, RecordingState, Transfer
from rtcstack.errors import Internal, ObjectNotFound, PartRefused, RtcError
from rtcstack.ports.database import Database, Tx
from rtcstack.ports.storage import Location, Storage, StoredObject
from rtcstack.repositories import jobs, library, recordings
from rtcstack.services.jobs import Lease
from rtcstack.services.storage.place import archived_at
from rtcstack.services.storage.stores import Stores

_log = log.get(__name__)


class _Move:
    def __init__(self, db: Database, clock: Clock, stores: Stores) -> None:
        self._db, self._clock, self._stores = db, clock, stores

    async def give_up(self, job: Job, error: RtcError) -> None:
        """Say so: the object is where it was, and restore is the way back."""
        async with self._db.transaction() as tx:
            if await jobs.finish(tx, job, self._clock.now_ms(), error=error.message):
                await library.set_transfer(tx, job.recording_id, Transfer.FAILED)

    async def _recording(self, job: Job) -> Recording:
        recording = await recordings.find(self._db, job.recording_id)
        if recording is None or recording.state is not RecordingState.ARCHIVED or not recording.cold_bucket:
            raise Internal("A recording that is not archived cannot be moved.", recording=job.recording_id)
        return recording

    async def _carry(
        self,
        recording: Recording,
        source: Location,
        target: Location,
        lease: Lease,
        storage_class: str | None = None,
    ) -> None:
        """Leave the object at the target and nothing at the source; both lie in the recording's store."""
        storage = await self._stores.of(recording.storage_id)
        original = await _find(storage, source)
        if original is None:
            await _check_moved(storage, recording, source, target)
            return
        if target.bucket != source.bucket:
            await storage.ensure_bucket(target.bucket)
        await storage.copy(source, target, storage_class)
        await _compare(storage, recording, original, source, target, is_readable=storage_class is None)
        await lease.check()
        await storage.delete(source)
        _log.info(
            "recording moved",
            tenant=recording.tenant_id,
            room_id=recording.room_id,
            recording_id=recording.id,
            bucket=target.bucket,
        )


class MoveToArchive(_Move):
    def __init__(
        self, db: Database, clock: Clock, stores: Stores, *, storage_class: str | None = None
    ) -> None:
        """`storage_class` is that of the shared store's archive; what a tenant's bucket has is the tenant's to say."""
        super().__init__(db, clock, stores)
        self._storage_class = storage_class

    async def run(self, job: Job, lease: Lease) -> None:
        recording = await self._recording(job)
        primary, cold = _places(recording)
        storage_class = self._storage_class if recording.storage_id is None else None
        await self._carry(recording, primary, cold, lease, storage_class)
        async with self._db.transaction() as tx:
            if await jobs.finish(tx, job, self._clock.now_ms()):
                await library.set_transfer(tx, recording.id, Transfer.DONE)


class MoveBack(_Move):
    async def run(self, job: Job, lease: Lease) -> None:
        recording = await self._recording(job)
        primary, cold = _places(recording)
        await self._carry(recording, cold, primary, lease)
        async with self._db.transaction() as tx:
            await self._settle(tx, job)

    async def _settle(self, tx: Tx, job: Job) -> None:
        if await jobs.finish(tx, job, self._clock.now_ms()):
            await library.restored(tx, job.recording_id)


def _places(recording: Recording) -> tuple[Location, Location]:
    """Return where the object is while the recording is ready, and where while it is archived."""
    primary = Location(recording.bucket, recording.object_key)
    return primary, archived_at(recording)


async def _find(storage: Storage, at: Location) -> StoredObject | None:
    try:
        return await storage.stat(at.key, at.bucket)
    except ObjectNotFound:
        return None


async def _check_moved(storage: Storage, recording: Recording, source: Location, target: Location) -> None:
    """The original is gone: a predecessor compared the copy before it deleted that."""
    copied = await _find(storage, target)
    if copied is None or copied.size_bytes != recording.size_bytes:
        raise PartRefused(
            f"The object is neither in {source.bucket} nor whole in {target.bucket}.", part="minio"
        )


async def _compare(
    storage: Storage,
    recording: Recording,
    original: StoredObject,
    source: Location,
    target: Location,
    *,
    is_readable: bool,
) -> None:
    """Hold the copy against the original, byte for byte unless its class cannot be read: ETags prove nothing here,
    since a store may carry them over, and does not when an object was uploaded in parts.
    """
    copied = await storage.stat(target.key, target.bucket)
    is_same = copied.size_bytes == original.size_bytes
    if is_same and is_readable:
        known = await _checksum(storage, recording, source, original.size_bytes)
        is_same = await storage.sha256(target, original.size_bytes, like=known) == known
    if not is_same:
        raise PartRefused(
            f"The copy in {target.bucket} is not what the recorder uploaded; the original stays.",
            part="minio",
        )


async def _checksum(storage: Storage, recording: Recording, source: Location, size_bytes: int) -> str:
    """Return what the recorder measured before the upload, if it was ours."""
    if recording.checksum and is_checksum(recording.checksum):
        return recording.checksum
    return await storage.sha256(source, size_bytes)
