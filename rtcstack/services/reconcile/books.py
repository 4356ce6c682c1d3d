"""LiveKit's books ↔ live workers: there is no heartbeat, and LiveKit keeps a dead worker's egress as running for ever."""

from rtcstack.clock import Clock
from rtcstack.domain.egress import EgressEnd, EgressSnapshot
from rtcstack.domain.finding import Finding, FindingKind, Look
from rtcstack.domain.recording import UNENDED, Recording, RecordingState
from rtcstack.domain.room import parse_livekit_name
from rtcstack.ports.database import Database
from rtcstack.ports.fleet import Fleet
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import parts, recordings
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.egress_watch import EgressWatch, Presence
from rtcstack.services.repairs import note_repair

_OPEN = UNENDED | {RecordingState.PROCESSING}
_WORDS = "The Egress worker that ran it is gone."


class BooksCheck:
    """The end is written once our own recording has its own: then both say the same, and LiveKit forgets it a day later."""

    name = "livekit"

    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        fleet: Fleet,
        watch: EgressWatch,
        egress_events: EgressEvents,
    ) -> None:
        self._db, self._clock, self._livekit = db, clock, livekit
        self._fleet, self._watch, self._egress_events = fleet, watch, egress_events

    async def look(self, cursor: str) -> Look:
        del cursor
        running = await self._livekit.list_running_egresses()
        presences = await self._watch.look([egress.egress_id for egress in running])
        findings = [await self._look_at(egress, presences[egress.egress_id]) for egress in running]
        return Look(len(running), [finding for finding in findings if finding])

    async def _look_at(self, egress: EgressSnapshot, presence: Presence) -> Finding | None:
        if presence is Presence.RUNS:
            return await self._stop_unwanted(egress)
        if presence is Presence.UNKNOWN:
            return None
        tenant_id, room_id = parse_livekit_name(egress.room_name)
        recording = await parts.find_by_egress(self._db, egress.egress_id) or await recordings.find_by_key(
            self._db, tenant_id, room_id, egress.filepath
        )
        finding = Finding(
            FindingKind.BOOKS_BEHIND,
            egress.egress_id,
            f"LiveKit shows it as {egress.status}, and no Egress worker has it.",
            recording.tenant_id if recording else None,
            recording.id if recording else None,
        )
        if presence is not Presence.GONE or (recording and recording.state in _OPEN):
            return finding  # it is looked for first
        await self._end(egress.egress_id, recording, finding)
        return None

    async def _stop_unwanted(self, egress: EgressSnapshot) -> Finding | None:
        """One that began for a start that had been given up is stopped when it reports; its report may have been lost."""
        if not await self._egress_events.is_unwanted(self._db, egress):
            return None
        tenant_id, room_id = parse_livekit_name(egress.room_name)
        text = "It records for a start that had been given up."
        finding = Finding(
            FindingKind.EGRESS_UNWANTED, egress.egress_id, text, tenant_id, room_id, "it is stopped"
        )
        if await self._livekit.stop_egress(egress.egress_id):
            async with self._db.transaction() as tx:
                await note_repair(tx, finding, self._clock.now_ms())
        return finding

    async def _end(self, egress_id: str, recording: Recording | None, finding: Finding) -> None:
        now_ms = self._clock.now_ms()
        if not await self._fleet.end_egress(egress_id, _end_of(recording, now_ms)):
            return
        mended = Finding(**{**vars(finding), "mended": "its end is written into LiveKit's books"})
        async with self._db.transaction() as tx:
            await note_repair(tx, mended, now_ms)


def _end_of(recording: Recording | None, now_ms: int) -> EgressEnd:
    ended_at_ms = (recording.stopped_at_ms if recording else None) or now_ms
    if recording is None or recording.state is RecordingState.FAILED:
        error = (recording.error if recording else None) or _WORDS
        return EgressEnd(ended_at_ms, has_file=False, error=error)
    return EgressEnd(
        ended_at_ms, has_file=True, duration_ms=recording.duration_ms, size_bytes=recording.size_bytes
    )
