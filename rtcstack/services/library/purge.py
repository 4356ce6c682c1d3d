"""Purge what was deleted long enough ago: objects, sidecars, pictures, clips. Every step may be repeated; nobody is told."""

import asyncio
from collections.abc import Iterator, Sequence

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.job import Job, JobKind
from rtcstack.domain.object_key import index_key, poster_key
from rtcstack.domain.previews import Previews
from rtcstack.domain.recording import Recording
from rtcstack.errors import Internal, RtcError
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.kept_files import KeptFiles
from rtcstack.ports.storage import Location
from rtcstack.repositories import abandoned_keys, jobs, parts, previews, purging, recordings
from rtcstack.repositories.purging import Placed
from rtcstack.services.audit import record
from rtcstack.services.jobs import Lease, NotYet
from rtcstack.services.storage.place import archived_at
from rtcstack.services.storage.stores import Stores

_log = log.get(__name__)
_DAY_MS = 86_400_000
_BATCH = 100
_BUSY_S = 600.0


class RecordingPurge:
    """`default_days` is how long data is kept of tenants without a retention of their own; None is for ever."""

    def __init__(self, db: Database, clock: Clock, default_days: int | None) -> None:
        self._db, self._clock, self._default_days = db, clock, default_days

    async def queue_due(self) -> bool:
        """Queue what is to be purged now, a hundred at most; what could not be is tried again the day after."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            due = await purging.list_due(
                tx,
                now_ms=now_ms,
                default_days=self._default_days,
                failed_before_ms=now_ms - _DAY_MS,
                limit=_BATCH,
            )
            for recording_id in due:
                await jobs.add(tx, new_id("job", now_ms), JobKind.PURGE, recording_id, now_ms)
        return bool(due)


class PurgeWork:
    def __init__(
        self, db: Database, clock: Clock, stores: Stores, kept: KeptFiles, default_days: int | None
    ) -> None:
        self._db, self._clock, self._stores, self._kept = db, clock, stores, kept
        self._default_days = default_days

    async def run(self, job: Job, lease: Lease) -> None:
        """Do nothing to what is not deleted, or is to be kept after all, by a retention that was set since."""
        now_ms = self._clock.now_ms()
        if await purging.is_due(self._db, job.recording_id, now_ms=now_ms, default_days=self._default_days):
            if await purging.is_busy(self._db, job.recording_id):
                raise NotYet("Something else is still to be done with the recording.", again_in_s=_BUSY_S)
            await self._purge(job, lease)
            return
        await self._finish(job)

    async def give_up(self, job: Job, error: RtcError) -> None:
        await self._finish(job, error.message)

    async def _finish(self, job: Job, error: str | None = None) -> None:
        async with self._db.transaction() as tx:
            await jobs.finish(tx, job, self._clock.now_ms(), error=error)

    async def _purge(self, job: Job, lease: Lease) -> None:
        recording = await recordings.find(self._db, job.recording_id)
        if recording is None:
            raise Internal("A job is about a recording that there is not.", recording=job.recording_id)
        made = await previews.find(self._db, recording.id)
        clips = await purging.clips(self._db, recording.id)
        tries = await abandoned_keys.of_recording(self._db, recording.id)
        for placed in [*clips, *_of_tries(recording, tries), *_belongings(recording, made)]:
            await lease.check()
            store = await self._stores.of(placed.storage_id)
            await store.delete(placed.at)
        for egress_id in await parts.egress_ids(self._db, recording.id):
            await asyncio.to_thread(self._kept.remove, egress_id)
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if await jobs.finish(tx, job, now_ms):
                await purging.purged(tx, recording.id, now_ms)
                await record(tx, Action.RECORDING_PURGE, recording.tenant_id, recording.id, now_ms)
        _log.info("recording purged", recording_id=recording.id, bucket=recording.bucket)


def _of_tries(recording: Recording, keys: Sequence[str]) -> Iterator[Placed]:
    """Return where an egress that began for an earlier try may have left something before it was stopped."""
    for key in keys:
        for name in (index_key(key), key):
            yield Placed(recording.storage_id, Location(recording.bucket, name))


def _belongings(recording: Recording, made: Previews | None) -> Iterator[Placed]:
    """Return all places where something of the recording may lie, its object last."""
    key = recording.object_key
    sheets = [sheet.key for sheet in made.sheets] if made else []
    for beside in (index_key(key), poster_key(key), *sheets):
        yield Placed(recording.storage_id, Location(recording.bucket, beside))
    if recording.cold_bucket:
        yield Placed(recording.storage_id, archived_at(recording))
    yield Placed(recording.storage_id, Location(recording.bucket, key))
