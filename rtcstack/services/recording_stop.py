"""Stop the active recording of a room."""

from contextlib import suppress
from dataclasses import replace

from rtcstack.clock import Clock
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import PartUnavailable, RecordingNotActive, RtcError
from rtcstack.ports.database import Database, UniqueViolation
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import recordings, rooms
from rtcstack.services.egress_wait import wait_for_egress
from rtcstack.services.events import Events


class RecordingStop:
    def __init__(
        self, db: Database, clock: Clock, livekit: LiveKit, events: Events, *, timeout_s: float
    ) -> None:
        self._db, self._clock, self._livekit, self._events = db, clock, livekit, events
        self._timeout_s = timeout_s

    async def stop(self, tenant_id: str, room_id: str) -> Recording:
        """Return the recording that now is stopping, because a caller asked for it.

        Raises:
            RecordingNotActive: the room has none.
            PartUnavailable: LiveKit does not answer; the recording goes on and stop can be called again.
        """
        async with self._db.transaction() as tx:
            await rooms.note_recording_stopped(tx, tenant_id, room_id)
        stopped = await self.stop_if_active(tenant_id, room_id)
        if stopped is None:
            raise RecordingNotActive(f"Room {room_id} is not being recorded.", roomId=room_id)
        return stopped

    async def stop_if_active(self, tenant_id: str, room_id: str) -> Recording | None:
        """Return the recording that now is stopping, or None if there is none. One being begun is waited for.

        Raises:
            PartUnavailable: LiveKit does not answer, or the recording is still being begun.
        """
        found = await recordings.find_active(self._db, tenant_id, room_id)
        active = await wait_for_egress(self._db, found, self._timeout_s) if found else None
        if active and active.state is RecordingState.QUEUED:
            return await self._cancel(active) or await self.stop_if_active(tenant_id, room_id)
        if active is None or active.egress_id is None:
            await self._check_not_begun(found)
            return None
        return await self._stop(active, active.egress_id)

    async def _check_not_begun(self, found: Recording | None) -> None:
        now = await recordings.find(self._db, found.id) if found else None
        if now and now.is_active:
            raise PartUnavailable("The recording is still being started.", part="livekit")

    async def _stop(self, active: Recording, egress_id: str) -> Recording:
        """Mark the row first: from now on a start makes a new recording, whatever events come in between."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await recordings.stop(tx, active.id, now_ms)
        try:
            await self._livekit.stop_egress(egress_id)
        except RtcError:
            await self._go_on(active)
            raise
        now = await recordings.find(self._db, active.id)
        stopped_at_ms = now.stopped_at_ms if now else None
        return replace(active, state=RecordingState.STOPPING, stopped_at_ms=stopped_at_ms or now_ms)

    async def _go_on(self, active: Recording) -> None:
        """LiveKit did not take the stop: the recording runs, unless another one has its room's place by now."""
        with suppress(UniqueViolation):
            async with self._db.transaction() as tx:
                await recordings.go_on(tx, active)

    async def _cancel(self, queued: Recording) -> Recording | None:
        """End one that waited for capacity in vain: it failed, and is told so. None if it has just been taken."""
        text = "It was stopped before an Egress worker had capacity for it."
        failed = replace(queued, state=RecordingState.FAILED, error=text)
        async with self._db.transaction() as tx:
            if not await recordings.fail(tx, queued, "no_capacity", text, self._clock.now_ms()):
                return None
            await self._events.recording_ended(tx, failed)
        return failed
