"""Look through the recordings of moderated halls once they are ready."""

import asyncio
from collections.abc import Sequence

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.job import Job
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import Conflict, Invalid, RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.media import Media
from rtcstack.ports.moderation import Judgement, Moderator
from rtcstack.repositories import jobs, recordings, rooms, verification
from rtcstack.services.jobs import Lease, NotYet
from rtcstack.services.moderation.findings import Findings, Look
from rtcstack.services.moderation.judging import judge
from rtcstack.services.moderation.stepping_back import JOBS_WAIT_S, SteppingBack
from rtcstack.services.recording_source import RecordingSource, moves_waited_out
from rtcstack.services.workspace import Workspace

_log = log.get(__name__)


class ModerateWork:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        media: Media,
        source: RecordingSource,
        workspace: Workspace,
        moderator: Moderator,
        findings: Findings,
        stepping_back: SteppingBack,
        *,
        interval_s: float,
    ) -> None:
        self._db, self._clock, self._media, self._source = db, clock, media, source
        self._workspace, self._moderator, self._findings = workspace, moderator, findings
        self._stepping_back, self._interval_s = stepping_back, interval_s

    async def run(self, job: Job, lease: Lease) -> None:
        """Of a recording without pictures, or in a bucket that may not be read from, nothing is found.

        Raises:
            NotYet: the machine is busy recording.
        """
        if await self._stepping_back.puts_off(job.created_at_ms):
            raise NotYet("The machine is busy recording.", again_in_s=JOBS_WAIT_S)
        looks: Sequence[Look] = ()
        judgements: Sequence[Judgement] = ()
        recording = await recordings.find(self._db, job.recording_id)
        hall = await self._moderated(recording)
        if recording is not None and hall is not None:
            try:
                async with moves_waited_out(self._db, self._clock, job, recording):
                    looks, judgements = await self._look(job, lease, recording, hall)
            except (Invalid, Conflict) as e:
                _log.info("a recording is not moderated", recording_id=recording.id, reason=e.message)
        async with self._db.transaction() as tx:
            if await jobs.finish(tx, job, self._clock.now_ms()):
                await self._findings.put(tx, looks, judgements)

    async def give_up(self, job: Job, error: RtcError) -> None:
        async with self._db.transaction() as tx:
            await jobs.finish(tx, job, self._clock.now_ms(), error=error.message)

    async def _moderated(self, recording: Recording | None) -> Room | None:
        """Return the hall of a recording that is to be looked through."""
        if recording is None or recording.state not in {RecordingState.READY, RecordingState.ARCHIVED}:
            return None
        hall = await rooms.find(self._db, recording.tenant_id, recording.room_id)
        return hall if hall is not None and hall.moderation else None

    async def _look(
        self, job: Job, lease: Lease, recording: Recording, hall: Room
    ) -> tuple[Sequence[Look], Sequence[Judgement]]:
        source = await self._source.of_object(recording)
        began_ms = await verification.find_began_ms(self._db, recording)
        async with self._workspace.folder(job) as folder:
            taken = await self._media.snapshots(source, self._interval_s, folder)

            async def read(number: int) -> bytes:
                return await asyncio.to_thread(taken[number].file.read_bytes)

            judgements = await judge(self._moderator, len(taken), read, lease.check)
        looks = [Look(hall, began_ms + one.position_ms, recording.id, one.position_ms) for one in taken]
        return looks, judgements
