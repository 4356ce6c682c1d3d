"""Start a recording: reserve the row, commit, ask LiveKit, confirm. One active recording a room, whoever asks."""

import asyncio
from dataclasses import replace

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import DiskFull, PartUnavailable, RecordingAlreadyActive, RtcError
from rtcstack.metrics.counted import STARTS_REFUSED
from rtcstack.ports.database import Database
from rtcstack.repositories import recordings, rooms
from rtcstack.services.audit import record
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.egress_begin import EgressBegin
from rtcstack.services.egress_wait import wait_for_egress
from rtcstack.services.preflight import Preflight
from rtcstack.services.recording_reserve import RecordingReserve
from rtcstack.services.rooms import Rooms


class RecordingStart:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        rooms: Rooms,
        reserve: RecordingReserve,
        begin: EgressBegin,
        preflight: Preflight,
    ) -> None:
        self._db, self._clock, self._rooms = db, clock, rooms
        self._reserve, self._begin, self._preflight = reserve, begin, preflight

    async def start(self, tenant_id: str, room_id: str, options: CompositeOptions) -> Recording:
        """Return the room's active recording, a new one or the one that is there; it has its egress id.

        Raises:
            RoomNotFound: the room exists nowhere.
            Conflict: `quota_reached`.
            PartUnavailable: a part that recording needs is down; nothing was begun.
            DiskFull: there is no room for one; the one that may be there has ended for it.
        """
        room = await self._rooms.get(tenant_id, room_id)
        mine = await self._reserve.reserve(room, options)
        return await self._started(room, mine) if mine else await self._joined(tenant_id, room_id)

    async def start_new(self, tenant_id: str, room_id: str, options: CompositeOptions) -> Recording:
        """Do the same, but refuse a room that is being recorded.

        Raises:
            RecordingAlreadyActive: it is being recorded.
        """
        room = await self._rooms.get(tenant_id, room_id)
        mine = await self._reserve.reserve(room, options)
        if mine is None:
            raise RecordingAlreadyActive("Room is already being recorded", room_id=room_id)
        return await self._started(room, mine)

    async def _started(self, room: Room, mine: Recording) -> Recording:
        """Begin it. Shielded: a caller who hangs up must not leave a reserved row without an egress."""
        return await asyncio.shield(self._begin_or_give_up(room, mine))

    async def _begin_or_give_up(self, room: Room, mine: Recording) -> Recording:
        try:
            return await self._begin.begin(room, mine, may_retry=True)
        except RtcError as e:
            now_ms, undone = self._clock.now_ms(), Action.RECORDING_START_UNDONE
            async with self._db.transaction() as tx:
                if await recordings.give_up_start(tx, mine.id, e.message, now_ms):
                    await record(tx, undone, room.tenant_id, mine.id, now_ms, room_id=room.id, error=e.word)
                    was_stopped = room.recording_stopped
                    await rooms.note_recording_stopped(tx, room.tenant_id, room.id, is_stopped=was_stopped)
                now = await recordings.find(tx, mine.id)
            if now and now.is_active:  # LiveKit has told of its egress meanwhile
                return replace(now, state=RecordingState.STARTING)
            STARTS_REFUSED.labels(e.word).inc()
            raise

    async def _joined(self, tenant_id: str, room_id: str) -> Recording:
        """Return the recording that another request is starting, once it has the egress id every answer carries."""
        active = await recordings.find_active(self._db, tenant_id, room_id)
        started = await wait_for_egress(self._db, active, self._begin.patience_s) if active else None
        if started is None:
            untaken = PartUnavailable("No Egress worker took the recording in time.", part="egress")
            raise await self._begin.explained(untaken)
        if self._preflight.has_ended_recordings():
            raise DiskFull("The disk of the spool folder is full, and the recording was ended for it.")
        if started.state is RecordingState.QUEUED:
            raise PartUnavailable(
                "This recording waits for an Egress worker; it begins by itself.",
                part="egress",
                code="capacity",
            )
        return started
