"""Apply what LiveKit says of an egress: the part advances, the recording follows, in one transaction."""

from dataclasses import replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.egress import HAS_FILE, EgressSnapshot, EgressStatus, rank
from rtcstack.domain.loss import read_recovered, read_upload_waits
from rtcstack.domain.notes import read_notes
from rtcstack.domain.recording import ACTIVE, UNENDED, Recording, RecordingState, can_advance
from rtcstack.domain.room import parse_livekit_name
from rtcstack.ports.database import Reader, Tx
from rtcstack.repositories import parts, recording_notes, recordings
from rtcstack.services.events import Events
from rtcstack.services.recording_log import about_recording

_log = log.get(__name__)


class EgressEvents:
    def __init__(self, clock: Clock, events: Events) -> None:
        self._clock, self._events = clock, events
        self._newest_ns: dict[str, int] = {}
        """When what was heard of each running egress was said, by its worker's clock: what is older says nothing of now. A new
        process begins anew.
        """

    async def is_unwanted(self, reader: Reader, egress: EgressSnapshot) -> bool:
        """Whether this egress began for a start that had been given up: it should be stopped."""
        room = parse_livekit_name(egress.room_name)
        return not egress.is_ended and await recordings.is_given_up(reader, *room, egress.filepath)

    async def apply(self, tx: Tx, egress: EgressSnapshot) -> None:
        """Move the recording on; what is old news, or no recording of ours, changes nothing.

        The recording is found by the reserved object key: the first event may come before LiveKit's answer to the
        start, which carries the egress id. One that somebody else began may have asked for another key than it got.
        """
        room = parse_livekit_name(egress.room_name)
        recording = await recordings.find_by_key(tx, *room, egress.filepath) or await parts.find_by_egress(
            tx, egress.egress_id
        )
        if recording is None:
            return
        if recording.state is RecordingState.QUEUED:
            if egress.is_ended and egress.status not in HAS_FILE:
                return  # an earlier try's; the next one is due
            await recordings.move(tx, recording, RecordingState.STARTING)
            recording = replace(recording, state=RecordingState.STARTING)
        await parts.link_egress(tx, recording.id, egress.egress_id, EgressStatus.STARTING, -1)
        await self._note(tx, recording, egress)
        is_news = await parts.advance_part(
            tx,
            egress.egress_id,
            status=egress.status,
            rank=rank(egress.status),
            error=egress.error or None,
            started_at_ms=egress.started_at_ms,
            ended_at_ms=egress.ended_at_ms,
        )
        if is_news:
            now = replace(recording, egress_id=recording.egress_id or egress.egress_id)
            with about_recording(now):
                _log.info("LiveKit tells of an egress", status=egress.status, state=now.state)
                await self._follow(tx, now, egress)

    async def _note(self, tx: Tx, recording: Recording, egress: EgressSnapshot) -> None:
        """Keep what the recorder says about itself (`domain/loss.py`)."""
        if egress.is_ended:
            self._newest_ns.pop(egress.egress_id, None)
            await recording_notes.note_upload_waits(tx, recording.id, None)
        elif recording.state in UNENDED and self._is_newest(egress):
            await recording_notes.note_upload_waits(tx, recording.id, read_upload_waits(egress.details))
        if egress.is_ended and (notes := read_notes(egress.details)):
            await recording_notes.note_notes(tx, recording.id, notes)
        gaps = read_recovered(egress.details) if egress.is_ended else None
        if gaps is not None:
            await recording_notes.note_recovered(tx, recording.id, gaps)

    def _is_newest(self, egress: EgressSnapshot) -> bool:
        """Return whether nothing newer was heard. The same may be heard again, as when a transaction fails."""
        if egress.status is EgressStatus.STARTING:
            return False  # that may be LiveKit's word, by its clock, and nothing waits yet
        newest_ns = max(egress.updated_at_ns, self._newest_ns.get(egress.egress_id, 0))
        self._newest_ns[egress.egress_id] = newest_ns
        return egress.updated_at_ns == newest_ns

    async def _follow(self, tx: Tx, recording: Recording, egress: EgressSnapshot) -> None:
        if egress.status in HAS_FILE:
            await self._file_made(tx, recording, egress)
        elif egress.is_ended:
            await self._failed(tx, recording, egress)
        elif egress.status is EgressStatus.ACTIVE and recording.state is RecordingState.STARTING:
            await self._begun(tx, recording)
        elif egress.status is EgressStatus.ENDING and recording.state in ACTIVE:
            await recordings.move(tx, recording, RecordingState.STOPPING, stopped_at_ms=self._clock.now_ms())

    async def _begun(self, tx: Tx, recording: Recording) -> None:
        if await recordings.move(tx, recording, RecordingState.RECORDING):
            await self._events.recording_started(tx, replace(recording, state=RecordingState.RECORDING))

    async def _file_made(self, tx: Tx, recording: Recording, egress: EgressSnapshot) -> None:
        """The recorder has uploaded it; it is ready once the store has confirmed that (services/finalize.py)."""
        if not can_advance(recording.state, RecordingState.PROCESSING):
            return
        ended_at_ms = egress.ended_at_ms or self._clock.now_ms()
        await recordings.note_file(
            tx,
            recording.id,
            duration_ms=egress.duration_ms,
            size_bytes=egress.size_bytes,
            stopped_at_ms=ended_at_ms,
            # Of an end that nobody asked for, the first that was heard may have come late: the worker hung.
            ended_at_ms=egress.ended_at_ms if egress.is_ended_by_room else None,
        )
        await recordings.move(tx, recording, RecordingState.PROCESSING, due_at_ms=self._clock.now_ms())

    async def _failed(self, tx: Tx, recording: Recording, egress: EgressSnapshot) -> None:
        if not can_advance(recording.state, RecordingState.FAILED):
            return
        text = egress.error or egress.details or "The egress ended without a file."
        if await recordings.fail(tx, recording, f"egress_{egress.status}", text, self._clock.now_ms()):
            _log.error("recording failed", error_code=f"egress_{egress.status}", error=text)
            await self._events.recording_ended(
                tx, replace(recording, state=RecordingState.FAILED, error=text)
            )
