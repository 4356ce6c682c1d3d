"""Learn what nobody tells: LiveKit forgets its webhooks when nobody answers for 15 seconds, and a dead worker is silent."""

import asyncio
from collections.abc import Mapping

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import UNENDED, Recording, RecordingState
from rtcstack.domain.room import livekit_name
from rtcstack.errors import Upstream
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import jobs, queue, recordings
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.egress_watch import EgressWatch, Presence

_log = log.get(__name__)
_BATCH = 1000
_AT_ONCE = 8
_YOUNG_MS = 5_000
"""What has begun just now is left to its events."""
_RUNNING = {EgressStatus.STARTING, EgressStatus.ACTIVE}


class CatchUp:
    """`abandoned_after_s`: a start that has no egress by then belongs to a process that died."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        watch: EgressWatch,
        egress_events: EgressEvents,
        *,
        abandoned_after_s: float,
    ) -> None:
        self._db, self._clock, self._livekit, self._watch = db, clock, livekit, watch
        self._egress_events, self._abandoned_after_s = egress_events, abandoned_after_s

    async def run_once(self) -> bool:
        """Ask the workers and LiveKit about every recording that has not ended; return whether one of them moved on."""
        unended = await recordings.list_unended(self._db, self._clock.now_ms() - _YOUNG_MS, _BATCH)
        seen = await self._watch.look([r.egress_id for r in unended if r.egress_id])
        turns = asyncio.Semaphore(_AT_ONCE)

        async def follow(recording: Recording) -> bool:
            async with turns:
                return await self._follow(recording, seen)

        return any(await asyncio.gather(*map(follow, unended)))

    async def _follow(self, recording: Recording, seen: Mapping[str, Presence]) -> bool:
        presence = seen[recording.egress_id] if recording.egress_id else Presence.UNKNOWN
        if presence is Presence.RUNS and recording.state is RecordingState.RECORDING:
            return False
        try:
            now = await self._ask_about(recording, presence)
        except Upstream as e:
            _log.warning("a recording could not be asked about", recording=recording.id, error=e.message)
            return False
        if presence is Presence.GONE and now.state in UNENDED:
            await self._recover(now)
        return now.state is not recording.state

    async def _ask_about(self, recording: Recording, presence: Presence) -> Recording:
        """Apply what LiveKit says; return the recording as it is then."""
        egresses = await self._livekit.list_egresses(livekit_name(recording.tenant_id, recording.room_id))
        told = [
            e for e in egresses if e.egress_id == recording.egress_id or e.filepath == recording.object_key
        ]
        async with self._db.transaction() as tx:
            for egress in told:
                await self._egress_events.apply(tx, egress)
            if not told and recording.egress_id is None and recording.started_at_ms < self._abandoned_ms():
                await self._give_up(tx, recording)
            now = await recordings.find(tx, recording.id) or recording
        if now.state is RecordingState.STOPPING and presence is Presence.RUNS:
            await self._stop_again(told)
        return now

    def _abandoned_ms(self) -> int:
        return self._clock.now_ms() - round(self._abandoned_after_s * 1000)

    async def _stop_again(self, told: list[EgressSnapshot]) -> None:
        """Whoever began to stop it may have died before LiveKit was asked, or the worker was away just then."""
        for egress in told:
            if egress.status in _RUNNING:
                await self._livekit.stop_egress(egress.egress_id)

    async def _give_up(self, tx: Tx, recording: Recording) -> None:
        """What the queue had begun waits again, once its lease is over; another start is taken back."""
        now_ms = self._clock.now_ms()
        if not await queue.put_back_abandoned(tx, recording.id, now_ms):
            await recordings.give_up_start(tx, recording.id, "The start was cut off.", now_ms)

    async def _recover(self, recording: Recording) -> None:
        """Its worker is gone: what there is of it is looked for, and the recording ends."""
        _log.warning("an egress is gone", recording=recording.id, egress=recording.egress_id)
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await jobs.add(tx, new_id("job", now_ms), JobKind.RECOVER, recording.id, now_ms)
            await jobs.hurry(tx, recording.id, JobKind.RECOVER, now_ms)
