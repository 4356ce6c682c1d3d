"""Have an egress begun for a reserved recording, or leave nothing of it behind."""

import asyncio
from dataclasses import replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.egress import EgressSnapshot, rank
from rtcstack.domain.object_key import stem_of
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import NotFound, PartUnavailable, RoomNotFound, RtcError, Upstream
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import Composite, LiveKit
from rtcstack.repositories import abandoned_keys, parts, recordings, rooms
from rtcstack.services.composite import CompositeOptions, composite_of
from rtcstack.services.egress_watch import EgressWatch, Presence
from rtcstack.services.preflight import Preflight
from rtcstack.services.recording_log import about_recording
from rtcstack.services.room_shape import shape_of
from rtcstack.services.storage.stores import Stores

_log = log.get(__name__)
_AFTERWARDS_S = 3.0
"""So much of a start's time is kept back: to find out why it failed, and to stop what began all the same."""
_PASSING_S = 2.0
"""So long a second try waits for what was away."""
_WORKER_BACK_S = 6.0
"""The same for a worker: the supervisor has a killed one back by then."""
_LEAST_LEFT = 1 / 3
"""Of a start's patience, for a second try to be worth it."""


class EgressBegin:
    """`sends_keys`: whether the keys of a tenant's bucket go along with the request, for a recorder that cannot ask."""

    def __init__(
        self,
        db: Database,
        livekit: LiveKit,
        preflight: Preflight,
        stores: Stores,
        watch: EgressWatch,
        clock: Clock,
        *,
        timeout_s: float,
        sends_keys: bool,
    ) -> None:
        self._db, self._livekit, self._preflight = db, livekit, preflight
        self._afterwards_s = min(_AFTERWARDS_S, timeout_s / 2)
        self.patience_s = timeout_s - self._afterwards_s
        """How long a recording may take to begin; with what follows a failure, a start takes `timeout_s`."""
        self._stores, self._sends_keys = stores, sends_keys
        self._watch, self._clock = watch, clock

    async def begin(self, room: Room, recording: Recording, *, may_retry: bool = False) -> Recording:
        """Return the recording with its egress id, as `starting`: its recorder may be at work already.

        With `may_retry` what fails for a passing reason is tried once more, within the same time. The second try has an
        object key of its own: should an egress of the first one begin after all, it is known by the old key, and stopped.

        Raises:
            RtcError: no egress runs for it; the row still stands as it was reserved.
        """
        with about_recording(recording):
            return await self._begin_within(room, recording, may_retry=may_retry)

    async def begin_again(self, room: Room, recording: Recording) -> None:
        """Begin what was tried before and has waited since, under another key too. An egress of an earlier try that has
        reported meanwhile is the recording's; one that does from now on is stopped.

        Raises:
            RtcError: as `begin`.
        """
        with about_recording(recording):
            await self._preflight.check(needs_shared_store=recording.storage_id is None)
            # A key is used up only where somebody can be asked, and has room.
            await self._preflight.check_worker()
            await self._composite(room, recording)
            if again := await self._with_another_key(recording):
                await self._begin_within(room, again, may_retry=False)

    async def _begin_within(self, room: Room, recording: Recording, *, may_retry: bool) -> Recording:
        deadline = asyncio.get_running_loop().time() + self.patience_s
        try:
            return await self._try(room, recording, deadline)
        except PartUnavailable as e:
            patience_s = _WORKER_BACK_S if e.part == "egress" else _PASSING_S
            again = await self._another(recording, deadline, patience_s) if may_retry else None
            if again is None:
                raise
            _log.info("a recording start is tried again", recording_id=recording.id, error=e.message)
        return await self._try(room, again, deadline)

    async def _try(self, room: Room, recording: Recording, deadline: float) -> Recording:
        await self._preflight.check(needs_shared_store=recording.storage_id is None)
        try:
            egress = await self._ask(room, await self._composite(room, recording), deadline)
        except RtcError as e:
            error, begun = await asyncio.gather(self.explained(e), self._begun(room, recording))
            if begun is None:
                text = "recording start failed"
                _log.warning(text, recording_id=recording.id, room_id=room.id, error=error.message)
                raise error from (None if error is e else e)
            egress = begun
        return await self._confirm(recording, egress)

    async def _confirm(self, recording: Recording, egress: EgressSnapshot) -> Recording:
        async with self._db.transaction() as tx:
            status = egress.status
            await parts.link_egress(tx, recording.id, egress.egress_id, status, rank(status))
        _log.info("recording begins", egress_id=egress.egress_id, object_key=recording.object_key)
        found = await recordings.find(self._db, recording.id) or replace(
            recording, egress_id=egress.egress_id
        )
        # Whoever starts it is told the same (document 004), whichever comes first, LiveKit's answer or its event.
        is_running = found.state is RecordingState.RECORDING
        return replace(found, state=RecordingState.STARTING) if is_running else found

    async def _another(self, recording: Recording, deadline: float, patience_s: float) -> Recording | None:
        """Return the recording with another object key, once the parts answer; None if there is no use in a second try."""
        left_s = deadline - asyncio.get_running_loop().time() - self.patience_s * _LEAST_LEFT
        needs_shared = recording.storage_id is None
        if left_s <= 0 or not await self._preflight.wait_until_ready(
            min(left_s, patience_s), needs_shared_store=needs_shared
        ):
            return None
        return await self._with_another_key(recording)

    async def _with_another_key(self, recording: Recording) -> Recording | None:
        """Return the recording with another object key; None if an egress has begun for it under the one it had."""
        stem = stem_of(recording.object_key)
        async with self._db.transaction() as tx:
            nth = await recordings.count_keys(tx, recording.tenant_id, stem) + 1
            other = replace(recording, object_key=f"{stem}-{nth}.mp4")
            is_mine = await abandoned_keys.change_key(tx, recording, other.object_key, self._clock.now_ms())
        return other if is_mine else None

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

    async def _begun(self, room: Room, recording: Recording) -> EgressSnapshot | None:
        """Return the egress that began although nobody said so, if a live worker has it: it is what was asked for. Any other is
        stopped; one that is missed here is stopped when it reports.
        """
        try:
            async with asyncio.timeout(self._afterwards_s):
                for egress in await self._livekit.list_egresses(room.livekit_name):
                    if egress.filepath != recording.object_key or egress.is_ended:
                        continue
                    if await self._watch.look_for(egress.egress_id) is Presence.RUNS:
                        return egress
                    await self._livekit.stop_egress(egress.egress_id)
        except (Upstream, NotFound, TimeoutError) as e:
            _log.warning("could not look for a half-started egress", recording_id=recording.id, error=str(e))
        return None
