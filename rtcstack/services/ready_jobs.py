"""What is done with a recording once it is ready, after customers were told: queued with the step to `ready`."""

from collections.abc import Sequence

from rtcstack.clock import Clock
from rtcstack.domain.job import JobKind
from rtcstack.ids import new_id
from rtcstack.ports.database import Tx
from rtcstack.repositories import jobs


class ReadyJobs:
    def __init__(self, clock: Clock, kinds: Sequence[JobKind]) -> None:
        self._clock, self._kinds = clock, kinds

    async def queue(self, tx: Tx, recording_id: str) -> None:
        """Queue a job of each kind, and let clips that waited for the recording be cut now."""
        now_ms = self._clock.now_ms()
        for kind in self._kinds:
            await jobs.add(tx, new_id("job", now_ms), kind, recording_id, now_ms)
        await jobs.hurry(tx, recording_id, JobKind.CLIP, now_ms)
