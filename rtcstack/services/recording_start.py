"""Start a recording: reserve the row, commit, ask LiveKit, confirm. One active recording a room, whoever asks."""

import asyncio
from dataclasses import replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.egress import EgressSnapshot, rank
from rtcstack.domain.object_key import object_key
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import NotFound, PartUnavailable, RoomNotFound, RtcError, Upstream
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import Composite, LiveKit
from rtcstack.repositories import recordings
from rtcstack.services.composite import CompositeOptions, composite_of
from rtcstack.services.egress_wait import wait_for_egress
from rtcstack.services.preflight import Preflight
from rtcstack.services.rooms import Rooms

_log = log.get(__name__)


class RecordingStart:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        rooms: Rooms,
        preflight: Preflight,
        *,
        bucket: str,
        timeout_s: float,
    ) -> None:
        self._db, self._clock, self._livekit = db, clock, livekit
        self._rooms, self._preflight = rooms, preflight
        self._bucket, self._timeout_s = bucket, timeout_s

    async def start(self, tenant_id: str, room_id: str, options: CompositeOptions) -> Recording:
        """Return the room's active recording, a new one or the one that is there; it has its egress id.

        Raises:
            RoomNotFound: the room exists nowhere.
            PartUnavailable: a part that recording needs is down; nothing was begun.
        """
        room = await self._rooms.get(tenant_id, room_id)
        if await recordings.find_active(self._db, tenant_id, room_id):
            return await self._joined(tenant_id, room_id)
        await self._preflight.check()
        mine = await self._reserve(room, options)
        if mine is None:
            return await self._joined(tenant_id, room_id)
        # Shielded: a caller who hangs up must not leave a reserved row without an egress.
        return await asyncio.shield(self._begin(room, mine, options))

    async def _reserve(self, room: Room, options: CompositeOptions) -> Recording | None:
        """Insert the row that holds the room's one place; None if somebody was quicker."""
        now_ms = self._clock.now_ms()
        first_key = object_key(room.tenant_id, room.id, now_ms)
        async with self._db.transaction() as tx:
            if await recordings.find_active(tx, room.tenant_id, room.id):
                return None
            same_second = await recordings.count_keys(tx, first_key.removesuffix(".mp4"))
            recording = Recording(
                id=new_id("rec", now_ms),
                tenant_id=room.tenant_id,
                room_id=room.id,
                state=RecordingState.STARTING,
                bucket=self._bucket,
                object_key=object_key(room.tenant_id, room.id, now_ms, nth=same_second + 1),
                started_at_ms=now_ms,
                options=options.stored(),
            )
            await recordings.add(tx, recording)
        return recording

    async def _begin(self, room: Room, recording: Recording, options: CompositeOptions) -> Recording:
        try:
            egress = await self._ask(room, composite_of(room, recording, options))
        except RtcError as e:
            await self._give_up(room, recording, e)
            raise
        async with self._db.transaction() as tx:
            await recordings.link_egress(
                tx, recording.id, egress.egress_id, egress.status, rank(egress.status)
            )
        return await recordings.find(self._db, recording.id) or replace(recording, egress_id=egress.egress_id)

    async def _ask(self, room: Room, composite: Composite) -> EgressSnapshot:
        """Start the egress, but do not wait for workers that are not there: LiveKit would ask for half a minute."""
        asking = asyncio.create_task(self._ask_livekit(room, composite))
        watching = asyncio.create_task(self._preflight.until_no_worker())
        try:
            done, _ = await asyncio.wait(
                {asking, watching}, timeout=self._timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if asking in done:
                return asking.result()
            raise PartUnavailable("No Egress worker takes the recording.", part="egress")
        finally:
            asking.cancel()
            watching.cancel()

    async def _ask_livekit(self, room: Room, composite: Composite) -> EgressSnapshot:
        """Ask LiveKit; a room that it has forgotten is made again first."""
        try:
            return await self._livekit.start_composite(composite)
        except RoomNotFound:
            await self._rooms.ensure_in_livekit(room)
            return await self._livekit.start_composite(composite)

    async def _give_up(self, room: Room, recording: Recording, error: RtcError) -> None:
        """Leave nothing half started: an egress that began all the same is stopped, the reservation taken back."""
        _log.warning("recording start failed", recording=recording.id, room=room.id, error=error.message)
        try:
            begun = [
                e
                for e in await self._livekit.list_egresses(room.livekit_name)
                if e.filepath == recording.object_key
            ]
            for egress in begun:
                await self._livekit.stop_egress(egress.egress_id)
        except (Upstream, NotFound) as e:
            _log.warning("could not look for a half-started egress", recording=recording.id, error=e.message)
        async with self._db.transaction() as tx:
            await recordings.give_up_start(tx, recording.id, error.message, self._clock.now_ms())

    async def _joined(self, tenant_id: str, room_id: str) -> Recording:
        """Return the recording that another request is starting, once it has the egress id every answer carries."""
        active = await recordings.find_active(self._db, tenant_id, room_id)
        started = await wait_for_egress(self._db, active, self._timeout_s) if active else None
        if started is None:
            raise PartUnavailable("Another request tried to start this recording and failed.", part="egress")
        return started
