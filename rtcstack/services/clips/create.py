"""Ask for a clip: answered at once, cut by a job (services/clips/cut.py). Seed document 002."""

from collections.abc import Callable
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.clip import (
    Clip,
    ClipMode,
    ClipState,
    check_label,
    check_range,
    check_within,
    clip_key,
)
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import Conflict, ObjectNotFound, RecordingNotFound
from rtcstack.ids import new_id
from rtcstack.plural import counted
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import clips, jobs, recordings
from rtcstack.services.audit import record
from rtcstack.services.quotas import Quotas
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_source import STORED, RecordingSource

_AHEAD_S = 10.0
"""How far the end may lie ahead of a recording that still runs: the clip is cut when it is there."""
_RUNNING = frozenset({RecordingState.RECORDING, RecordingState.PAUSED})
_NOT_BEGUN = frozenset({RecordingState.QUEUED, RecordingState.STARTING})


@dataclass(frozen=True)
class ClipLimits:
    max_s: float
    max_per_recording: int


class ClipCreate:
    """`on_queued` is called when there is work to do."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        quotas: Quotas,
        query: RecordingQuery,
        source: RecordingSource,
        limits: ClipLimits,
    ) -> None:
        self._db, self._clock, self._quotas = db, clock, quotas
        self._query, self._source, self._limits = query, source, limits
        self.on_queued: Callable[[], None] = lambda: None

    async def create(
        self, tenant_id: str, recording_id: str, *, label: str, start_s: float, end_s: float, mode: ClipMode
    ) -> Clip:
        """Return the clip, which is processing from now on.

        Raises:
            Invalid: the label, or the range, which does not lie within the recording as far as it is known.
            RecordingNotFound: the tenant has none of that id.
            Conflict: the recording has not begun, has failed, cannot be read or is gone; too many clips, or too many
                bytes.
            PartRefused, PartUnavailable: the store, of an archived recording.
        """
        check_label(label)
        check_range(start_s, end_s, max_s=self._limits.max_s)
        recording = await self._query.get(tenant_id, recording_id)
        _check_state(recording)
        _check_within(recording, start_s, end_s, self._clock.now_ms())
        await self._source.check_readable(recording)
        if recording.state is RecordingState.ARCHIVED:
            await self._locate(recording)
        now_ms = self._clock.now_ms()
        clip_id = new_id("clip", now_ms)
        clip = Clip(
            id=clip_id,
            tenant_id=tenant_id,
            recording_id=recording.id,
            label=label,
            start_s=abs(start_s),  # -0.0 is none that JSON should show
            end_s=end_s,
            mode=mode,
            state=ClipState.PROCESSING,
            storage_id=recording.storage_id,
            bucket=recording.bucket,
            object_key=clip_key(recording.object_key, label, clip_id),
            created_at_ms=now_ms,
        )
        async with self._db.transaction() as tx:
            await self._add(tx, clip)
        self.on_queued()
        return clip

    async def _locate(self, recording: Recording) -> None:
        try:
            await self._source.locate(recording)
        except ObjectNotFound as e:
            raise Conflict(
                "The file of this recording is neither in its bucket nor in the archive: nothing can be cut from it.",
                code="file_missing",
            ) from e

    async def _add(self, tx: Tx, clip: Clip) -> None:
        if await recordings.find_visible(tx, clip.tenant_id, clip.recording_id) is None:  # deleted in between
            raise RecordingNotFound(f"There is no recording {clip.recording_id}.")
        await self._quotas.check_stored(tx, clip.tenant_id)
        limit = self._limits.max_per_recording
        if await clips.count_of_recording(tx, clip.tenant_id, clip.recording_id) >= limit:
            raise Conflict(
                f"A recording may have {counted(limit, 'clip')}; delete some first.",
                code="too_many_clips",
                limit=limit,
            )
        await clips.add(tx, clip)
        job_id = new_id("job", clip.created_at_ms)
        await jobs.add(tx, job_id, JobKind.CLIP, clip.recording_id, clip.created_at_ms, subject_id=clip.id)
        of = {"recording_id": clip.recording_id}
        await record(tx, Action.CLIP_CREATE, clip.tenant_id, clip.id, clip.created_at_ms, **of)


def _check_state(recording: Recording) -> None:
    if recording.state in _NOT_BEGUN:
        raise Conflict(
            "The recording has not begun yet; ask again when it runs.",
            code="recording_not_begun",
            status=recording.state,
        )
    if recording.state is RecordingState.FAILED:
        raise Conflict(f"Recording failed: {recording.error}", code="recording_failed")


def _check_within(recording: Recording, start_s: float, end_s: float, now_ms: int) -> None:
    if recording.state in _RUNNING:
        length_s = (now_ms - recording.started_at_ms) / 1000
        check_within(start_s, end_s, length_s, "So far the recording is", ahead_s=_AHEAD_S)
    elif recording.duration_ms:
        check_within(start_s, end_s, recording.duration_ms / 1000, "The recording is")
    elif recording.state not in STORED:
        length_s = ((recording.stopped_at_ms or now_ms) - recording.started_at_ms) / 1000
        check_within(start_s, end_s, length_s, "The recording is about")
