"""Learn what nobody tells: LiveKit forgets its webhooks when nobody answers for 15 seconds, and a dead worker is silent."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.finding import Finding, FindingKind, Look
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import UNENDED, Recording, RecordingState
from rtcstack.domain.room import livekit_name
from rtcstack.errors import Upstream
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx
from rtcstack.ports.kept_files import KeptFiles
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import jobs, queue, recordings
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.egress_watch import EgressWatch, Presence
from rtcstack.services.recording_log import about_recording
from rtcstack.services.repairs import note_repair

_log = log.get(__name__)
_BATCH = 1000
_AT_ONCE = 8
_YOUNG_MS = 5_000
"""What has begun just now is left to its events."""
_HEARD_MS = 10_000
"""What has changed just now is being told: asking was quicker, and nothing had to be mended."""
_ASKED = "asked for: a search for its file, with which it ends"
_QUIET = {Presence.MISSING, Presence.UNKNOWN}


@dataclass(frozen=True)
class _Outcome:
    has_moved: bool = False
    finding: Finding | None = None


class CatchUp:
    """`abandoned_after_s`: a start that has no egress by then belongs to a process that died."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        watch: EgressWatch,
        egress_events: EgressEvents,
        kept: KeptFiles,
        *,
        abandoned_after_s: float,
    ) -> None:
        self._db, self._clock, self._livekit, self._watch = db, clock, livekit, watch
        self._egress_events, self._kept = egress_events, kept
        self._abandoned_after_s = abandoned_after_s

    async def run_once(self) -> bool:
        """Ask about every recording that has not ended; return whether one of them moved on."""
        _, outcomes = await self._round()
        return any(outcome.has_moved for outcome in outcomes)

    async def look(self) -> Look:
        """Do the same; return what does not agree as yet."""
        seen, outcomes = await self._round()
        return Look(seen, [outcome.finding for outcome in outcomes if outcome.finding])

    async def _round(self) -> tuple[int, Sequence[_Outcome]]:
        unended = await recordings.list_unended(self._db, self._clock.now_ms() - _YOUNG_MS, _BATCH)
        presences = await self._watch.look([r.egress_id for r in unended if r.egress_id])
        turns = asyncio.Semaphore(_AT_ONCE)

        async def follow(recording: Recording) -> _Outcome:
            async with turns:
                with about_recording(recording):
                    return await self._follow(recording, presences)

        return len(unended), await asyncio.gather(*map(follow, unended))

    async def _follow(self, recording: Recording, presences: Mapping[str, Presence]) -> _Outcome:
        """The spool first: what it holds is known without asking anybody."""
        if await self._ended_in_spool(recording):
            return _Outcome(has_moved=True)
        presence = presences[recording.egress_id] if recording.egress_id else Presence.UNKNOWN
        if presence is Presence.RUNS and recording.state is RecordingState.RECORDING:
            return _Outcome()
        try:
            now = await self._ask_about(recording, presence)
        except Upstream as e:
            _log.warning("a recording could not be asked about", recording_id=recording.id, error=e.message)
            return _Outcome(finding=_missing(recording, presence, e.message))
        if presence is Presence.GONE and now.state in UNENDED:
            await self._recover(now, FindingKind.EGRESS_GONE, "No Egress worker has it any more.")
        is_open = now.state in UNENDED and now.egress_id is not None
        return _Outcome(now.state is not recording.state, _missing(now, presence) if is_open else None)

    async def _ended_in_spool(self, recording: Recording) -> bool:
        """Apply the end that a worker on this machine has written down and could not tell LiveKit, or LiveKit us."""
        if recording.egress_id is None:
            return False
        end = await asyncio.to_thread(self._kept.find_end, recording.egress_id)
        if end is None or self._is_fresh(end):
            return False
        async with self._db.transaction() as tx:
            return await self._apply(tx, recording, end, "The recorder's spool says so.")

    async def _ask_about(self, recording: Recording, presence: Presence) -> Recording:
        """Apply what LiveKit says; return the recording as it is then."""
        egresses = await self._livekit.list_egresses(livekit_name(recording.tenant_id, recording.room_id))
        told = [
            e for e in egresses if e.egress_id == recording.egress_id or e.filepath == recording.object_key
        ]
        async with self._db.transaction() as tx:
            for egress in told:
                await self._apply(tx, recording, egress, "LiveKit says so when it is asked.")
            if not told and recording.egress_id is None and recording.started_at_ms < self._abandoned_ms():
                await self._give_up(tx, recording)
            now = await recordings.find(tx, recording.id) or recording
        if now.state is RecordingState.STOPPING and presence is Presence.RUNS:
            await self._stop_again(now, told)
        return now

    async def _apply(self, tx: Tx, recording: Recording, egress: EgressSnapshot, source: str) -> bool:
        """Return whether the recording has moved on by this; that it had to be asked for is a repair.

        Another look, or an event, may have moved it since it was listed: then nothing is left to mend.
        """
        before = await recordings.find(tx, recording.id)
        await self._egress_events.apply(tx, egress)
        now = await recordings.find(tx, recording.id)
        has_moved = before is not None and now is not None and now.state is not before.state
        if has_moved and egress.is_ended and not self._is_fresh(egress):
            text = f"Its egress is {egress.status}. {source}"
            finding = _finding(
                recording, FindingKind.END_UNHEARD, text, f"it is {now.state} now" if now else ""
            )
            await note_repair(tx, finding, self._clock.now_ms())
        return has_moved

    def _is_fresh(self, egress: EgressSnapshot) -> bool:
        """By a clock that was set back since, what ended long ago lies far ahead."""
        return abs(self._clock.now_ms() - egress.updated_at_ns // 1_000_000) < _HEARD_MS

    def _abandoned_ms(self) -> int:
        return self._clock.now_ms() - round(self._abandoned_after_s * 1000)

    async def _stop_again(self, recording: Recording, told: list[EgressSnapshot]) -> None:
        """Whoever began to stop it may have died before LiveKit was asked, or the worker was away just then, and came back
        before LiveKit's books said that it is ending. If the worker says that it has ended, LiveKit has lost the news of it:
        its file is looked for. Of one that is ending by the books LiveKit says the same while its worker is silent.
        """
        for egress in told:
            if egress.is_ended or await self._livekit.stop_egress(egress.egress_id):
                continue
            if egress.status is not EgressStatus.ENDING:
                text = "Its worker says that it has ended, and LiveKit does not know."
                await self._recover(recording, FindingKind.END_UNHEARD, text)

    async def _give_up(self, tx: Tx, recording: Recording) -> None:
        """What the queue had begun waits again, once its lease is over; another start is taken back."""
        now_ms = self._clock.now_ms()
        if await queue.put_back_abandoned(tx, recording.id, now_ms):
            mended = "it waits for capacity again"
        elif await recordings.give_up_start(tx, recording.id, "The start was cut off.", now_ms):
            mended = "the start is taken back"
        else:
            return
        text = "It was reserved, and nobody begins it."
        await note_repair(tx, _finding(recording, FindingKind.START_ABANDONED, text, mended), now_ms)

    async def _recover(self, recording: Recording, kind: FindingKind, text: str) -> None:
        """What there is of it is looked for, and the recording ends."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            is_new = await jobs.add(tx, new_id("job", now_ms), JobKind.RECOVER, recording.id, now_ms)
            await jobs.hurry(tx, recording.id, JobKind.RECOVER, now_ms)
            if is_new:
                await note_repair(tx, _finding(recording, kind, text, _ASKED), now_ms)
        if is_new:
            _log.warning(text, recording_id=recording.id, egress_id=recording.egress_id)


def _finding(recording: Recording, kind: FindingKind, text: str, mended: str | None = None) -> Finding:
    subject = recording.egress_id or recording.id
    return Finding(kind, subject, text, recording.tenant_id, recording.id, mended)


def _missing(recording: Recording, presence: Presence, error: str = "") -> Finding | None:
    if presence is Presence.GONE:
        text = "No Egress worker has it any more."
        return _finding(recording, FindingKind.EGRESS_GONE, text, _ASKED)
    if presence not in _QUIET:
        return None
    text = "No Egress worker has it." if presence is Presence.MISSING else "Not all Egress workers answer."
    return _finding(recording, FindingKind.EGRESS_MISSING, f"{text} {error}".strip())
