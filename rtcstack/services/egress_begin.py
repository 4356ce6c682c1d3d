"""Have an egress begun for a reserved recording, or leave nothing of it behind."""

import asyncio
from dataclasses import replace

from rtcstack import log
from rtcstack.domain.egress import EgressSnapshot, rank
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import NotFound, PartUnavailable, RoomNotFound, RtcError, Upstream
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import Composite, LiveKit
from rtcstack.repositories import parts, recordings, rooms
from rtcstack.services.composite import CompositeOptions, composite_of
from rtcstack.services.preflight import Preflight
from rtcstack.services.room_shape import shape_of
from rtcstack.services.storage.stores import Stores

_log = log.get(__name__)
_AFTERWARDS_S = 3.0
"""So much of a start's time is kept back: to find out why it failed, and to stop what began all the same."""


class EgressBegin:
    """`sends_keys`: whether the keys of a tenant's bucket go along with the request, for a recorder that cannot ask."""

    def __init__(
        self,
        db: Database,
        livekit: LiveKit,
        preflight: Preflight,
        stores: Stores,
        *,
        timeout_s: float,
        sends_keys: bool,
    ) -> None:
        self._db, self._livekit, self._preflight = db, livekit, preflight
        self._afterwards_s = min(_AFTERWARDS_S, timeout_s / 2)
        self.patience_s = timeout_s - self._afterwards_s
        """How long a recording may take to begin; with what follows a failure, a start takes `timeout_s`."""
        self._stores, self._sends_keys = stores, sends_keys

    async def begin(self, room: Room, recording: Recording) -> Recording:
        """Return the recording with its egress id, as `starting`: its recorder may be at work already.

        Raises:
            RtcError: no egress runs for it; the row still stands as it was reserved.
        """
        deadline = asyncio.get_running_loop().time() + self.patience_s
        await self._preflight.check(needs_shared_store=recording.storage_id is None)
        try:
            egress = await self._ask(room, await self._composite(room, recording), deadline)
        except RtcError as e:
            error, _ = await asyncio.gather(self.explained(e), self._stop_begun(room, recording))
            _log.warning("recording start failed", recording=recording.id, room=room.id, error=error.message)
            raise error from (None if error is e else e)
        async with self._db.transaction() as tx:
            status = egress.status
            await parts.link_egress(tx, recording.id, egress.egress_id, status, rank(status))
        found = await recordings.find(self._db, recording.id) or replace(
            recording, egress_id=egress.egress_id
        )
        # Whoever starts it is told the same (document 004), whichever comes first, LiveKit's answer or its event.
        is_running = found.state is RecordingState.RECORDING
        return replace(found, state=RecordingState.STARTING) if is_running else found

    async def _composite(self, room: Room, recording: Recording) -> Composite:
        options, access = CompositeOptions(**recording.options), None
        if recording.storage_id and self._sends_keys:
            access = await self._stores.access(await self._stores.bucket(recording.storage_id))
        return composite_of(room, recording, options, access)

    async def explained(self, error: RtcError) -> RtcError:
        """Return what is at the bottom of a start that failed: LiveKit says the same whoever kept it waiting."""
        if not isinstance(error, PartUnavailable):
            return error
        return await self._preflight.cause() or error

    async def _ask(self, room: Room, composite: Composite, deadline: float) -> EgressSnapshot:
        """Start the egress, but do not wait for workers that are not there: LiveKit would ask for half a minute."""
        asking = asyncio.create_task(self._ask_livekit(room, composite))
        watching = asyncio.create_task(self._preflight.until_no_worker())
        left_s = deadline - asyncio.get_running_loop().time()
        try:
            done, _ = await asyncio.wait(
                {asking, watching}, timeout=max(left_s, 0), return_when=asyncio.FIRST_COMPLETED
            )
            if asking in done:
                return asking.result()
            raise PartUnavailable("No Egress worker takes the recording.", part="egress")
        finally:
            asking.cancel()
            watching.cancel()

    async def _ask_livekit(self, room: Room, composite: Composite) -> EgressSnapshot:
        """Ask LiveKit; a room that it has forgotten is made again first, unless it was closed here."""
        try:
            return await self._livekit.start_composite(composite)
        except RoomNotFound:
            now = await rooms.find(self._db, room.tenant_id, room.id)
            if now is None or now.is_closed:
                raise
            await self._livekit.create_room(room.livekit_name, shape_of(room))
            return await self._livekit.start_composite(composite)

    async def _stop_begun(self, room: Room, recording: Recording) -> None:
        """Stop an egress that began although the start failed. One that is missed here is stopped when it reports."""
        try:
            async with asyncio.timeout(self._afterwards_s):
                for egress in await self._livekit.list_egresses(room.livekit_name):
                    if egress.filepath == recording.object_key:
                        await self._livekit.stop_egress(egress.egress_id)
        except (Upstream, NotFound, TimeoutError) as e:
            _log.warning("could not look for a half-started egress", recording=recording.id, error=str(e))
