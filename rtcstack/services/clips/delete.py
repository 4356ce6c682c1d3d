"""Delete a clip: out of sight at once; a job stops its cut and removes its object."""

from collections.abc import Callable

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.job import JobKind
from rtcstack.errors import ClipNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.repositories import clips, jobs
from rtcstack.services.audit import record
from rtcstack.services.clips.query import ClipQuery


class ClipDelete:
    """`on_queued` is called when there is work to do."""

    def __init__(self, db: Database, clock: Clock, query: ClipQuery) -> None:
        self._db, self._clock, self._query = db, clock, query
        self.on_queued: Callable[[], None] = lambda: None

    async def delete(self, tenant_id: str, clip_id: str) -> None:
        """Raises `ClipNotFound`: the tenant has none of that id; one that was deleted before is none."""
        clip = await self._query.get(tenant_id, clip_id)
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if not await clips.delete(tx, clip.id, now_ms):
                raise ClipNotFound(f"There is no clip {clip_id}.")
            # The job that cuts it, if there is one, finds it deleted and clears it away; otherwise this one does.
            await jobs.add(
                tx, new_id("job", now_ms), JobKind.CLIP, clip.recording_id, now_ms, subject_id=clip.id
            )
            await jobs.hurry(tx, clip.recording_id, JobKind.CLIP, now_ms)
            await record(tx, Action.CLIP_DELETE, tenant_id, clip.id, now_ms, recording_id=clip.recording_id)
        self.on_queued()
