"""Cut a clip: read only what it needs, write it to a temporary file, upload that, tell. Every step may be repeated.

The object's key follows from the clip's id, so a step that is done twice makes one object; the last step is one
transaction under the job's fence, so there is one event.
"""

from dataclasses import replace
from pathlib import Path

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.clip import Clip, ClipState, end_within
from rtcstack.domain.job import Job
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import Internal, Invalid, PartUnavailable, RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.media import Cut, Media, MediaSource
from rtcstack.ports.storage import Location, StoredObject
from rtcstack.repositories import clips, jobs, recordings
from rtcstack.services.clips.progress import ClipDeleted, Progress
from rtcstack.services.events import Events
from rtcstack.services.jobs import Lease, NotYet
from rtcstack.services.recording_source import FROZEN, STORED, RecordingSource, has_moved
from rtcstack.services.storage.stores import Stores
from rtcstack.services.workspace import Workspace

_log = log.get(__name__)
_SOON_S, _LATER_S = 1.0, 15.0
_RUNNING = frozenset({RecordingState.RECORDING, RecordingState.PAUSED})


class ClipWork:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        media: Media,
        stores: Stores,
        source: RecordingSource,
        events: Events,
        workspace: Workspace,
    ) -> None:
        self._db, self._clock, self._media, self._stores = db, clock, media, stores
        self._source, self._events, self._workspace = source, events, workspace

    async def run(self, job: Job, lease: Lease) -> None:
        clip = await clips.find(self._db, job.subject_id)
        if clip is None:
            raise Internal("A job is about a clip that there is not.", clip=job.subject_id)
        try:
            await self._make(job, lease, clip)
        except ClipDeleted:
            await self._clear(job, clip)

    async def give_up(self, job: Job, error: RtcError) -> None:
        """Say so, with the reason, unless nobody wants the clip any more."""
        clip = await clips.find(self._db, job.subject_id)
        recording = await recordings.find(self._db, job.recording_id)
        async with self._db.transaction() as tx:
            if not await jobs.finish(tx, job, self._clock.now_ms(), error=error.message):
                return
            if clip and recording and await clips.fail(tx, clip.id, error.word, error.message):
                failed = replace(clip, state=ClipState.FAILED, error_code=error.word, error=error.message)
                await self._events.clip_ended(tx, failed, recording.room_id)

    async def _make(self, job: Job, lease: Lease, clip: Clip) -> None:
        if clip.is_deleted:
            raise ClipDeleted("The clip was deleted.")
        recording = await recordings.find(self._db, clip.recording_id)
        if recording is None:
            raise Internal("A clip is of a recording that there is not.", clip=clip.id)
        async with self._workspace.folder(job) as folder:
            file = folder / "clip.mp4"
            progress = Progress(self._db, clip.id)
            cut = await progress.follow(self._cut(job, clip, recording, file, progress))
            await lease.check()
            stored = await self._upload(clip, cut, file)
        await self._complete(job, clip, recording, cut, stored)

    async def _cut(self, job: Job, clip: Clip, recording: Recording, file: Path, progress: Progress) -> Cut:
        """Raises `NotYet` while the recording is not as far, or has just gone on to another place."""
        end_s = clip.end_s
        if recording.state in STORED and recording.duration_ms:
            end_s = end_within(end_s, recording.duration_ms / 1000)
        try:
            source = await self._find_source(clip, recording)
            return await self._media.cut(source, clip.start_s, end_s, clip.mode, file, progress)
        except RtcError as e:
            if not isinstance(e, NotYet) and e.word != FROZEN:
                await self._check_still_there(job, recording, e)
            raise

    async def _find_source(self, clip: Clip, recording: Recording) -> MediaSource:
        if recording.state in STORED:
            return await self._source.of_object(recording)
        if recording.state is RecordingState.FAILED:
            raise Invalid(f"Recording failed: {recording.error}", code="recording_failed")
        source = self._source.of_spool(recording) if recording.state in _RUNNING else None
        if source is None:
            raise NotYet("The recording is not ready, and its recorder is elsewhere.", again_in_s=_LATER_S)
        missing_s = clip.end_s - (self._clock.now_ms() - recording.started_at_ms) / 1000
        if missing_s > 0:
            raise NotYet("The recording is not as far.", again_in_s=missing_s + _SOON_S)
        return source

    async def _check_still_there(self, job: Job, recording: Recording, error: RtcError) -> None:
        """What a recorder still writes may lack its end, and what has just moved is no longer where it was found."""
        if await has_moved(self._db, recording):
            raise NotYet(error.message, again_in_s=_SOON_S) from error
        if recording.state in _RUNNING:
            is_behind = error.word == "invalid_range"
            waited_s = (self._clock.now_ms() - job.created_at_ms) / 1000
            soon_s = min(max(waited_s / 10, _SOON_S), _LATER_S)
            raise NotYet(error.message, again_in_s=soon_s if is_behind else _LATER_S) from error

    async def _upload(self, clip: Clip, cut: Cut, file: Path) -> StoredObject:
        store = await self._stores.of(clip.storage_id)
        metadata = {
            "rtcstack-clip": clip.id,
            "rtcstack-recording": clip.recording_id,
            "rtcstack-tenant": clip.tenant_id,
            "rtcstack-duration-ms": str(cut.duration_ms),
        }
        stored = await store.upload(
            file, clip.object_key, content_type="video/mp4", metadata=metadata, bucket=clip.bucket
        )
        if stored.size_bytes != cut.size_bytes:
            text = f"The store has {stored.size_bytes} bytes of the clip's {cut.size_bytes}."
            raise PartUnavailable(text, part="minio")
        return stored

    async def _complete(
        self, job: Job, clip: Clip, recording: Recording, cut: Cut, stored: StoredObject
    ) -> None:
        now_ms = self._clock.now_ms()
        done = replace(
            clip,
            state=ClipState.COMPLETE,
            progress=1.0,
            size_bytes=stored.size_bytes,
            duration_ms=cut.duration_ms,
            completed_at_ms=now_ms,
        )
        async with self._db.transaction() as tx:
            if not await jobs.finish(tx, job, now_ms):
                return  # another process has it, or has done it
            is_wanted = await clips.complete(
                tx, clip.id, size_bytes=stored.size_bytes, duration_ms=cut.duration_ms, now_ms=now_ms
            )
            if not is_wanted:
                raise ClipDeleted("The clip was deleted.")
            await self._events.clip_ended(tx, done, recording.room_id)
        _log.info(
            "clip ready",
            tenant=clip.tenant_id,
            room_id=recording.room_id,
            recording_id=recording.id,
            clip_id=clip.id,
            mode=cut.mode,
            bytes_read=cut.bytes_read,
        )

    async def _clear(self, job: Job, clip: Clip) -> None:
        """Leave nothing of the clip. A store whose key may not delete keeps the object, and that is logged."""
        store = await self._stores.of(clip.storage_id)
        await store.delete(Location(clip.bucket, clip.object_key))
        async with self._db.transaction() as tx:
            await jobs.finish(tx, job, self._clock.now_ms())
