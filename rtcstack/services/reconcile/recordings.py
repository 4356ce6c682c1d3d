"""Recordings that have not ended ↔ workers, spool, LiveKit, and the bucket."""

import asyncio
from dataclasses import replace

from rtcstack.clock import Clock
from rtcstack.domain.finding import Finding, FindingKind, Look
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording
from rtcstack.errors import PartRefused, RtcError
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.repositories import jobs, recordings
from rtcstack.services.catch_up import CatchUp
from rtcstack.services.repairs import note_repair
from rtcstack.services.storage.stores import Stores

_BATCH = 1000
_AT_ONCE = 4
_YOUNG_MS = 15_000
_PATIENCE_S = 10.0


class RecordingsCheck:
    """`CatchUp` looks every 15 seconds as well; what it finds and cannot mend yet is what this check reports."""

    name = "recordings"

    def __init__(self, catch_up: CatchUp) -> None:
        self._catch_up = catch_up

    async def look(self, cursor: str) -> Look:
        del cursor
        return await self._catch_up.look()


class EndedCheck:
    """An object is there only when its upload was complete: a recording that still runs by the database has ended then. That
    is how the end is learned of a recorder on another machine whose words did not come through.
    """

    name = "ended"

    def __init__(self, db: Database, clock: Clock, stores: Stores) -> None:
        self._db, self._clock, self._stores = db, clock, stores

    async def look(self, cursor: str) -> Look:
        del cursor
        unended = await recordings.list_unended(self._db, self._clock.now_ms() - _YOUNG_MS, _BATCH)
        asked = [recording for recording in unended if recording.egress_id]
        turns, silent = asyncio.Semaphore(_AT_ONCE), set[str | None]()

        async def look_at(recording: Recording) -> Finding | None:
            async with turns:
                return await self._look_at(recording, silent)

        found = await asyncio.gather(*map(look_at, asked))
        return Look(len(asked), [finding for finding in found if finding])

    async def _look_at(self, recording: Recording, silent: set[str | None]) -> Finding | None:
        """`silent` are stores that did not answer at this look: they are asked once, not for each recording."""
        if recording.storage_id in silent:
            return None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                store = await self._stores.of(recording.storage_id)
                await store.stat(recording.object_key, recording.bucket)
        except PartRefused:
            return None  # it is not there, or the key may not look
        except (RtcError, TimeoutError):
            silent.add(recording.storage_id)
            return None
        finding = Finding(
            FindingKind.END_UNHEARD,
            recording.object_key,
            "Its object is complete in the bucket, and no event has told of its end.",
            recording.tenant_id,
            recording.id,
        )
        return await self._recover(recording, finding)

    async def _recover(self, recording: Recording, finding: Finding) -> Finding:
        now_ms = self._clock.now_ms()
        mending = replace(finding, mended="asked for: its confirmation, with which it is finished")
        async with self._db.transaction() as tx:
            is_new = await jobs.add(tx, new_id("job", now_ms), JobKind.RECOVER, recording.id, now_ms)
            await jobs.hurry(tx, recording.id, JobKind.RECOVER, now_ms)
            if is_new:
                await note_repair(tx, mending, now_ms)
        return mending
