"""Recordings that wait for capacity: reserved like any other, begun when a worker takes them."""

import asyncio

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.recording import Recording
from rtcstack.domain.room import Room
from rtcstack.errors import RtcError
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import queue, rooms
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.egress_begin import EgressBegin
from rtcstack.services.recording_reserve import RecordingReserve
from rtcstack.services.recording_stop import RecordingStop

_log = log.get(__name__)
_RETRY_MS = 5_000


class RecordingQueue:
    """`lease_s`: how long one may take to begin before it counts as left behind by a process that died."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        reserve: RecordingReserve,
        begin: EgressBegin,
        stop: RecordingStop,
        *,
        lease_s: float,
    ) -> None:
        self._db, self._clock, self._lease_ms = db, clock, round(lease_s * 1000)
        self._reserve, self._begin, self._stop = reserve, begin, stop

    async def reserve(self, tx: Tx, room: Room, options: CompositeOptions) -> Recording | None:
        """Take the room's place for a recording that `begin` is called for next; None if it is being recorded.

        Raises:
            Conflict: `quota_reached`.
        """
        recording = await self._reserve.reserve_in(tx, room, options)
        if recording:
            await queue.lease(tx, recording.id, self._lease_until_ms())
        return recording

    async def begin(self, room: Room, recording: Recording) -> None:
        """Begin to record, or wait for capacity. Shielded: a caller who hangs up must not leave it in between."""
        await asyncio.shield(self._begin_or_put_back(room, recording))

    async def start_or_queue(self, room: Room, options: CompositeOptions) -> None:
        """Reserve and begin, unless the room is being recorded, was closed, or is not to be recorded for now.

        Raises:
            Conflict: `quota_reached`; nothing waits.
        """
        async with self._db.transaction() as tx:
            now = await rooms.find(tx, room.tenant_id, room.id)
            is_wanted = now is not None and not now.is_closed and not now.recording_stopped
            mine = await self.reserve(tx, room, options) if is_wanted else None
        if mine:
            await self.begin(room, mine)

    async def start_queued(self) -> bool:
        """Try the recording that is due and has waited longest; return whether there was one."""
        async with self._db.transaction() as tx:
            waiting = await queue.claim(tx, self._clock.now_ms(), self._lease_until_ms())
        if waiting is None:
            return False
        room = await rooms.find(self._db, waiting.tenant_id, waiting.room_id)
        assert room is not None  # a foreign key holds it
        if room.is_closed:
            await self._put_back(waiting)
            await self._stop.stop_if_active(room.tenant_id, room.id)
        else:
            await self._begin_or_put_back(room, waiting, is_again=True)
        return True

    async def _begin_or_put_back(self, room: Room, recording: Recording, *, is_again: bool = False) -> None:
        begin = self._begin.begin_again if is_again else self._begin.begin
        try:
            await begin(room, recording)
        except RtcError as e:
            _log.info(
                "a recording waits for capacity", recording_id=recording.id, room_id=room.id, error=e.message
            )
            await self._put_back(recording)

    async def _put_back(self, recording: Recording) -> None:
        async with self._db.transaction() as tx:
            await queue.put_back(tx, recording.id, self._clock.now_ms() + _RETRY_MS)

    def _lease_until_ms(self) -> int:
        return self._clock.now_ms() + self._lease_ms
