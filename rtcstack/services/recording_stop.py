"""Stop the active recording of a room."""

from contextlib import suppress
from dataclasses import replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.egress import EgressStatus, rank
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import EgressSilent, PartUnavailable, RecordingNotActive, RtcError
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx, UniqueViolation
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import jobs, parts, recordings, rooms
from rtcstack.services.audit import record
from rtcstack.services.egress_wait import wait_for_egress, wait_for_first_frame
from rtcstack.services.egress_watch import EgressWatch, Presence
from rtcstack.services.events import Events
from rtcstack.services.recording_log import about_recording

_log = log.get(__name__)
_TRIES = 2


class RecordingStop:
    """`timeout_s` bounds the wait for a start that is under way, `first_frame_s` the one for the first frame: what is
    stopped before it leaves no file.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        events: Events,
        watch: EgressWatch,
        *,
        timeout_s: float,
        first_frame_s: float,
    ) -> None:
        self._db, self._clock, self._livekit = db, clock, livekit
        self._events, self._watch = events, watch
        self._timeout_s, self._first_frame_s = timeout_s, first_frame_s

    async def stop(self, tenant_id: str, room_id: str) -> Recording:
        """Return the recording that now is stopping, because a caller asked for it; one that was queued has failed.

        Raises:
            RecordingNotActive: the room has none.
            PartUnavailable: LiveKit or its worker does not answer; the recording goes on and stop can be called again.
        """
        async with self._db.transaction() as tx:  # first, or another would be begun by itself
            await rooms.note_recording_stopped(tx, tenant_id, room_id, is_stopped=True)
        stopped = await self.stop_if_active(tenant_id, room_id)
        if stopped is None:
            raise RecordingNotActive(f"Room {room_id} is not being recorded.", room_id=room_id)
        return stopped

    async def stop_if_active(self, tenant_id: str, room_id: str) -> Recording | None:
        """Return the recording that now is stopping, or None if there is none. One being begun is waited for.

        Raises:
            PartUnavailable: LiveKit or its worker does not answer, or the recording is still being begun.
        """
        found = await recordings.find_active(self._db, tenant_id, room_id)
        active = await wait_for_egress(self._db, found, self._timeout_s) if found else None
        if active and active.state is RecordingState.QUEUED:
            return await self._cancel(active) or await self.stop_if_active(tenant_id, room_id)
        if active is None or active.egress_id is None:
            await self._check_not_begun(found)
            return None
        active = await wait_for_first_frame(self._db, active, self._first_frame_s)
        if active is None or not active.is_active or active.egress_id is None:
            return None
        with about_recording(active):
            return await self._stop(active, active.egress_id)

    async def _check_not_begun(self, found: Recording | None) -> None:
        now = await recordings.find(self._db, found.id) if found else None
        if now and now.is_active:
            raise PartUnavailable("The recording is still being started.", part="livekit")

    async def _stop(self, active: Recording, egress_id: str) -> Recording:
        """Mark the row first: from now on a start makes a new recording, whatever events come in between."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            before = await recordings.find(tx, active.id) or active
            is_mine = await recordings.stop(tx, active.id, now_ms)
            if is_mine:
                await _record(tx, Action.RECORDING_STOP, active, now_ms)
        _log.info("recording is to stop", recording_id=active.id, egress_id=egress_id)
        try:
            await self._ask(active, egress_id)
        except RtcError:
            # What is another call's may have been heard.
            if not is_mine or await self._goes_on(before, egress_id):
                raise
        now = await recordings.find(self._db, active.id)
        stopped_at_ms = now.stopped_at_ms if now else None
        return replace(active, state=RecordingState.STOPPING, stopped_at_ms=stopped_at_ms or now_ms)

    async def _ask(self, active: Recording, egress_id: str) -> None:
        """Ask the egress to end. If no live worker has it, it has ended or is gone: then its recording is recovered.

        Raises:
            PartUnavailable: LiveKit does not answer, or its worker hangs.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                await self._livekit.stop_egress(egress_id)
            except EgressSilent:
                presence = await self._watch.look_for(egress_id)
                if presence is Presence.RUNS and tries_left:
                    continue  # it may have been asked before it listened
                if presence in {Presence.RUNS, Presence.UNKNOWN}:
                    raise
                await self._watch.note_stop(egress_id)
                await self._recover(active)
            return

    async def _recover(self, active: Recording) -> None:
        _log.warning(
            "no Egress worker has this recording", recording_id=active.id, egress_id=active.egress_id
        )
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await jobs.add(tx, new_id("job", now_ms), JobKind.RECOVER, active.id, now_ms)

    async def _goes_on(self, before: Recording, egress_id: str) -> bool:
        """LiveKit did not take the stop: the recording runs, unless another one has its room's place by now.

        Return False if its egress has said meanwhile that it ends all the same. That it has begun has not been told yet.
        """
        with suppress(UniqueViolation):
            async with self._db.transaction() as tx:
                reached = await parts.reached(tx, egress_id)
                if reached >= rank(EgressStatus.ENDING):
                    return False
                begins = before.state is RecordingState.STARTING and reached == rank(EgressStatus.ACTIVE)
                now = replace(before, state=RecordingState.RECORDING) if begins else before
                if not await recordings.go_on(tx, now):
                    return False
                if begins:
                    await self._events.recording_started(tx, now)
                await _record(tx, Action.RECORDING_STOP_UNDONE, now, self._clock.now_ms())
        return True

    async def _cancel(self, queued: Recording) -> Recording | None:
        """End one that waited for capacity in vain: it failed, and is told so. None if it has just been taken."""
        text = "It was stopped before an Egress worker had capacity for it."
        now_ms = self._clock.now_ms()
        failed = replace(queued, state=RecordingState.FAILED, error=text, stopped_at_ms=now_ms)
        async with self._db.transaction() as tx:
            if not await recordings.fail(tx, queued, "no_capacity", text, now_ms, stopped_at_ms=now_ms):
                return None
            await _record(tx, Action.RECORDING_STOP, queued, now_ms)
            await self._events.recording_ended(tx, failed)
        return failed


async def _record(tx: Tx, action: Action, of: Recording, now_ms: int) -> None:
    await record(tx, action, of.tenant_id, of.id, now_ms, room_id=of.room_id)
