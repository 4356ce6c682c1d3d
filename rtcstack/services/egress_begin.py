"""Have an egress begun for a reserved recording, or leave nothing of it behind."""

import asyncio
from dataclasses import replace

from rtcstack import log
from rtcstack.domain.egress import EgressSnapshot, rank
from rtcstack.domain.recording import Recording
from rtcstack.domain.room import Room
from rtcstack.errors import NotFound, PartUnavailable, RoomNotFound, RtcError, Upstream
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import Composite, LiveKit
from rtcstack.repositories import recordings
from rtcstack.services.composite import CompositeOptions, composite_of
from rtcstack.services.preflight import Preflight
from rtcstack.services.room_shape import shape_of

_log = log.get(__name__)


class EgressBegin:
    def __init__(self, db: Database, livekit: LiveKit, preflight: Preflight, *, timeout_s: float) -> None:
        self._db, self._livekit, self._preflight, self._timeout_s = db, livekit, preflight, timeout_s

    async def begin(self, room: Room, recording: Recording) -> Recording:
        """Return the recording with its egress id.

        Raises:
            RtcError: no egress runs for it; the row still stands as it was reserved.
        """
        try:
            await self._preflight.check()
            egress = await self._ask(
                room, composite_of(room, recording, CompositeOptions(**recording.options))
            )
        except RtcError as e:
            _log.warning("recording start failed", recording=recording.id, room=room.id, error=e.message)
            await self._stop_begun(room, recording)
            raise
        async with self._db.transaction() as tx:
            status = egress.status
            await recordings.link_egress(tx, recording.id, egress.egress_id, status, rank(status))
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
            await self._livekit.create_room(room.livekit_name, shape_of(room))
            return await self._livekit.start_composite(composite)

    async def _stop_begun(self, room: Room, recording: Recording) -> None:
        """Stop an egress that began although the start failed."""
        try:
            for egress in await self._livekit.list_egresses(room.livekit_name):
                if egress.filepath == recording.object_key:
                    await self._livekit.stop_egress(egress.egress_id)
        except (Upstream, NotFound) as e:
            _log.warning("could not look for a half-started egress", recording=recording.id, error=e.message)
