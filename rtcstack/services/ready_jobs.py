"""What is done with a recording once it is ready, after customers were told: queued with the step to `ready`."""

from collections.abc import Sequence

from rtcstack.clock import Clock
from rtcstack.domain.job import JobKind
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import after_care, jobs

_AT_A_TIME = 4
"""Recordings that a catching-up adds at a time, and jobs that may be waiting when it does: what is new waits for no more."""
_SOON_MS = 300_000
"""Jobs count that are due within this time: those of a store that is away as well, which are put off for so long."""


class ReadyJobs:
    def __init__(self, clock: Clock, kinds: Sequence[JobKind]) -> None:
        self._clock, self._kinds = clock, kinds

    async def queue(self, tx: Tx, recording_id: str) -> None:
        """Queue a job of each kind, and let clips that waited for the recording be cut now."""
        now_ms = self._clock.now_ms()
        await _queue(tx, recording_id, self._kinds, now_ms)
        await jobs.hurry(tx, recording_id, JobKind.CLIP, now_ms)


class LateJobs:
    """Queues jobs that a ready recording ought to have had: it is from before there were any, or its bucket's key did not
    read when they were done and now does.

    `kinds` leaves out what costs money for each recording.
    """

    def __init__(self, db: Database, clock: Clock, kinds: Sequence[JobKind]) -> None:
        self._db, self._clock, self._kinds = db, clock, kinds

    async def queue_some(self) -> bool:
        """Queue those of a few recordings, unless many wait already; never says that there is more to do at once."""
        now_ms = self._clock.now_ms()
        waiting = [await after_care.count_due(self._db, kind, now_ms + _SOON_MS) for kind in self._kinds]
        if max(waiting, default=0) >= _AT_A_TIME:
            return False
        found = await after_care.list_unread(self._db, _AT_A_TIME)
        found = found or await after_care.list_without_jobs(self._db, _AT_A_TIME)
        async with self._db.transaction() as tx:
            for recording_id in found:
                await _queue(tx, recording_id, self._kinds, now_ms)
                for kind in self._kinds:  # one that waits for its store asks again now
                    await jobs.hurry(tx, recording_id, kind, now_ms)
        return False


async def _queue(tx: Tx, recording_id: str, kinds: Sequence[JobKind], now_ms: int) -> None:
    for kind in kinds:
        await jobs.add(tx, new_id("job", now_ms), kind, recording_id, now_ms)
    await after_care.note_queued(tx, recording_id, now_ms)
