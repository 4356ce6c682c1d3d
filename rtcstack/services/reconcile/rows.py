"""Rows ↔ the work that would end them: what is being worked on has something due, always."""

from rtcstack.clock import Clock
from rtcstack.domain.finding import Finding, FindingKind, Look
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.repositories import disagreements, jobs
from rtcstack.services.repairs import note_repair

_BATCH = 500
_YOUNG_MS = 120_000


class RowsCheck:
    """States and their work change in one transaction; rows that were changed by hand, or come from a backup, may not agree."""

    name = "rows"

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def look(self, cursor: str) -> Look:
        del cursor
        before_ms = self._clock.now_ms() - _YOUNG_MS
        recordings = await disagreements.idle_recordings(self._db, before_ms, _BATCH)
        for recording in recordings:
            await self._make_due(recording)
        clips = await disagreements.idle_clips(self._db, before_ms, _BATCH)
        for clip_id, tenant_id, recording_id in clips:
            await self._cut_again(clip_id, tenant_id, recording_id)
        return Look(len(recordings) + len(clips), [])

    async def _make_due(self, recording: Recording) -> None:
        now_ms = self._clock.now_ms()
        finding = Finding(
            FindingKind.ROW_STUCK,
            recording.id,
            "It is processing, and nobody is to confirm its object.",
            recording.tenant_id,
            recording.id,
            "asked for: a search for its object",
        )
        async with self._db.transaction() as tx:
            if await disagreements.make_due(tx, recording.id, now_ms):
                await note_repair(tx, finding, now_ms)

    async def _cut_again(self, clip_id: str, tenant_id: str, recording_id: str) -> None:
        now_ms = self._clock.now_ms()
        finding = Finding(
            FindingKind.ROW_STUCK,
            clip_id,
            "The clip is processing, and nobody is to cut it.",
            tenant_id,
            clip_id,
            "asked for: cutting it again",
        )
        async with self._db.transaction() as tx:
            added = await jobs.add(
                tx, new_id("job", now_ms), JobKind.CLIP, recording_id, now_ms, subject_id=clip_id
            )
            if added:
                await note_repair(tx, finding, now_ms)
