"""Pause the recording of a room, and let it go on.

The row is marked before the recorder is told to pause, and after it was told to go on. So a recorder is never paused
without the row saying so; that one records although the row says paused is mended within seconds (`keep_all`).
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import livekit_name
from rtcstack.errors import Conflict, PartUnavailable, RecordingNotActive, RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.fleet import Fleet, Heard
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import pauses, recordings
from rtcstack.services.audit import record
from rtcstack.services.egress_wait import wait_for_egress, wait_for_first_frame
from rtcstack.services.egress_watch import EgressWatch, Presence

_log = log.get(__name__)
_BATCH = 1000
_TOPIC = "rtcstack.recording"
"""Of the message by which whoever is in the room hears that it is another thing now."""
_NUDGE_S = 1.0
_RUNNING = frozenset({RecordingState.RECORDING, RecordingState.PAUSED})


class RecordingPause:
    """`timeout_s` bounds the wait for a start that is under way, `first_frame_s` the one for the first frame."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        fleet: Fleet,
        watch: EgressWatch,
        *,
        timeout_s: float,
        first_frame_s: float,
    ) -> None:
        self._db, self._clock, self._livekit, self._fleet, self._watch = db, clock, livekit, fleet, watch
        self._timeout_s, self._first_frame_s = timeout_s, first_frame_s

    async def pause(self, tenant_id: str, room_id: str) -> Recording:
        """Return the recording, of which nothing more is taken into the file; one that is paused stays so. Of a resume that
        comes at the same time it says so: that one wins.

        Raises:
            RecordingNotActive: the room is not being recorded.
            Conflict: `recording_not_begun`, it waits for a worker or its first frame; `pause_not_supported`, its worker is
                another one than ours.
            PartUnavailable: its worker does not answer; it is paused as soon as it does.
        """
        active, egress_id = await self._running(tenant_id, room_id)
        if active.state is RecordingState.RECORDING:
            await self._mark(active, RecordingState.PAUSED)
        heard = await self._fleet.set_paused(egress_id, is_paused=True)
        if heard is Heard.REFUSED:
            await self._mark(replace(active, state=RecordingState.PAUSED), RecordingState.RECORDING)
            raise _ended(room_id)
        if heard is Heard.BY_NOBODY:
            await self._explain(active, egress_id)
        state = await self._look_again(active, egress_id)
        await self._tell(active)
        return replace(active, state=state)

    async def resume(self, tenant_id: str, room_id: str) -> Recording:
        """Return the recording, which goes on in the same file; one that is not paused goes on anyway.

        Raises:
            RecordingNotActive: the room is not being recorded.
            Conflict: `recording_not_begun`, it waits for a worker or its first frame.
            PartUnavailable: its worker does not answer; it stays paused.
        """
        active, egress_id = await self._running(tenant_id, room_id)
        if active.state is RecordingState.PAUSED:
            heard = await self._fleet.set_paused(egress_id, is_paused=False)
            if heard is Heard.REFUSED:
                raise _ended(room_id)
            if heard is Heard.BY_NOBODY:
                raise PartUnavailable("No Egress worker has this recording just now.", part="egress")
            await self._mark(active, RecordingState.RECORDING)
            await self._fleet.set_paused(egress_id, is_paused=False)  # `keep_all` may have come in between
            await self._tell(active)
        return replace(active, state=RecordingState.RECORDING)

    async def keep_all(self) -> bool:
        """Have every recording paused whose row says so: a call may have been cut off, or its worker restarted."""
        unended = await recordings.list_unended(self._db, self._clock.now_ms() + 1, _BATCH)
        for recording in unended:
            if recording.state is RecordingState.PAUSED and recording.egress_id:
                await self._keep(recording, recording.egress_id)
        return False

    async def _keep(self, recording: Recording, egress_id: str) -> None:
        try:
            await self._fleet.set_paused(egress_id, is_paused=True)
            await self._look_again(recording, egress_id)
        except PartUnavailable as e:
            _log.warning(
                "a paused recording's worker does not answer", recording_id=recording.id, error=e.message
            )

    async def _look_again(self, recording: Recording, egress_id: str) -> RecordingState:
        """Return what it is after its worker was told to pause: a resume may have come in between, and been heard first."""
        now = await recordings.find(self._db, recording.id)
        if now is None or now.state is not RecordingState.RECORDING:
            return RecordingState.PAUSED
        await self._fleet.set_paused(egress_id, is_paused=False)
        return RecordingState.RECORDING

    async def _running(self, tenant_id: str, room_id: str) -> tuple[Recording, str]:
        found = await recordings.find_active(self._db, tenant_id, room_id)
        active = await wait_for_egress(self._db, found, self._timeout_s) if found else None
        if active and active.egress_id:
            active = await wait_for_first_frame(self._db, active, self._first_frame_s)
        if active is None or not active.is_active:
            raise RecordingNotActive(f"Room {room_id} is not being recorded.", room_id=room_id)
        if active.state not in _RUNNING or active.egress_id is None:
            raise Conflict(
                f"The recording of room {room_id} has not begun yet.",
                code="recording_not_begun",
                room_id=room_id,
            )
        return active, active.egress_id

    async def _mark(self, recording: Recording, state: RecordingState) -> None:
        """Nothing happens to one that another call has moved on to that state.

        Raises:
            RecordingNotActive: its end, or a stop, came first.
        """
        is_paused, now_ms = state is RecordingState.PAUSED, self._clock.now_ms()
        action = Action.RECORDING_PAUSE if is_paused else Action.RECORDING_RESUME
        async with self._db.transaction() as tx:
            if await recordings.move(tx, recording, state):
                await (pauses.begin if is_paused else pauses.end)(tx, recording.id, now_ms)
                await record(tx, action, recording.tenant_id, recording.id, now_ms, room_id=recording.room_id)
                _log.info(
                    "recording paused" if is_paused else "recording goes on",
                    tenant=recording.tenant_id,
                    room_id=recording.room_id,
                    recording_id=recording.id,
                )
                return
            now = await recordings.find(tx, recording.id)
            if now is None or now.state is not state:
                raise _ended(recording.room_id)

    async def _tell(self, recording: Recording) -> None:
        """Let the pages of those in the room look at once; they look by themselves every few seconds."""
        with suppress(RtcError, TimeoutError):
            async with asyncio.timeout(_NUDGE_S):
                await self._livekit.nudge(livekit_name(recording.tenant_id, recording.room_id), _TOPIC)

    async def _explain(self, recording: Recording, egress_id: str) -> None:
        """Raises what it means that no worker listens: another kind has it, or ours is away for a moment."""
        if await self._watch.look_for(egress_id) is Presence.RUNS:
            await self._mark(replace(recording, state=RecordingState.PAUSED), RecordingState.RECORDING)
            raise Conflict(
                "The Egress worker that records this room cannot pause: it is not the built-in one.",
                code="pause_not_supported",
                room_id=recording.room_id,
            )
        raise PartUnavailable(
            "No Egress worker has this recording just now; it is paused as soon as one has.", part="egress"
        )


def _ended(room_id: str) -> RecordingNotActive:
    return RecordingNotActive("The recording has just ended.", room_id=room_id)
