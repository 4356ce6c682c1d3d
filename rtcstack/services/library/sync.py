"""Import what others recorded: egresses that LiveKit has of the room, and objects in its folder of the bucket."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from rtcstack.clock import Clock
from rtcstack.domain.egress import HAS_FILE, EgressSnapshot, EgressStatus
from rtcstack.domain.object_key import begun_at_ms, parse_object_key
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import Conflict, ObjectNotFound, PartRefused, StoreDenied
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx, UniqueViolation
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import library, parts, recordings, storages
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.media_facts import UNREADABLE, MediaFacts
from rtcstack.services.rooms import Rooms
from rtcstack.services.storage.place import room_folder
from rtcstack.services.storage.stores import Stores
from rtcstack.services.stored_facts import stat_recording

_BATCH = 100
_LOOKS_AT_ONCE = 2
_CLOCK_MS = 300_000
"""So much may other recorders' clocks be ahead of ours."""
_RUNNING = {
    EgressStatus.STARTING: RecordingState.RECORDING,
    EgressStatus.ACTIVE: RecordingState.RECORDING,
    EgressStatus.ENDING: RecordingState.STOPPING,
}


@dataclass(frozen=True)
class Skipped:
    """What lies where a recording would, and is none."""

    object_key: str
    reason: str


@dataclass(frozen=True)
class Synced:
    imported: Sequence[Recording]
    skipped: Sequence[Skipped]


class RecordingSync:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        stores: Stores,
        rooms: Rooms,
        events: Events,
        finalize: Finalize,
        facts: MediaFacts,
    ) -> None:
        self._db, self._clock, self._livekit, self._stores = db, clock, livekit, stores
        self._rooms, self._events, self._finalize, self._facts = rooms, events, finalize, facts

    async def sync(self, tenant_id: str, room_id: str) -> Synced:
        """Return the recordings that this call has imported, at most 100, each once, whoever calls how often; and what it
        found that is no recording.

        What is in the bucket becomes ready, and customers are told so; what still runs becomes a recording like any.

        Raises:
            RoomNotFound: the room exists nowhere.
            Conflict: `storage_read_forbidden`, the key of the tenant's bucket may not list it.
            PartUnavailable: LiveKit or the store does not answer.
        """
        room = await self._rooms.get_any(tenant_id, room_id)
        candidates = [*await self._egresses(room), *await self._objects(room)]
        found, skipped = await self._looked_into(candidates)
        imported = [one.id for one in found if await self._import(one)]
        for recording_id in imported:
            await self._finalize.finalize(recording_id)
        now = [await recordings.find(self._db, recording_id) for recording_id in imported]
        return Synced([recording for recording in now if recording is not None], skipped)

    async def adopt(
        self, found: Recording, also: Callable[[Tx], Awaitable[None]]
    ) -> Recording | Skipped | None:
        """Import what lies in the bucket and is nobody's yet, and do `also` with it: it becomes ready, and customers are told
        so. None if it has a row by now, or is gone.
        """
        seen = await self._look(found)
        if not isinstance(seen, Recording):
            return seen
        if not await self._import(seen, also):
            return None
        await self._finalize.finalize(seen.id)
        return await recordings.find(self._db, seen.id)

    async def _looked_into(self, candidates: Sequence[Recording]) -> tuple[list[Recording], list[Skipped]]:
        """Return as many as are imported at once, with what is known of each, and what was found unfit on the way."""
        found: list[Recording] = []
        skipped: list[Skipped] = []
        for at in range(0, len(candidates), _LOOKS_AT_ONCE):
            if len(found) >= _BATCH:
                break
            for seen in await asyncio.gather(*map(self._look, candidates[at : at + _LOOKS_AT_ONCE])):
                if isinstance(seen, Skipped):
                    skipped.append(seen)
                elif seen is not None:
                    found.append(seen)
        return found[:_BATCH], skipped

    async def _look(self, candidate: Recording) -> Recording | Skipped | None:
        """Return it with what its object is like; None if it has none here: an egress may have been told to use another
        bucket.
        """
        if candidate.state is not RecordingState.PROCESSING:
            return candidate
        if candidate.started_at_ms > self._clock.now_ms() + _CLOCK_MS:
            return Skipped(candidate.object_key, "Its name is of a time to come.")
        store = await self._stores.of(candidate.storage_id)
        try:
            stored = await stat_recording(store, candidate.object_key)
            facts = await self._facts.of(candidate, stored)
        except ObjectNotFound:
            return None
        except StoreDenied as e:
            raise _forbidden(e) from e
        except PartRefused as e:
            if e.word != UNREADABLE:
                raise
            return Skipped(candidate.object_key, e.message)
        return replace(
            candidate,
            duration_ms=facts.duration_ms,
            size_bytes=stored.size_bytes,
            streams=facts.streams,
        )

    async def _egresses(self, room: Room) -> list[Recording]:
        candidates = [
            self._of_egress(room, egress)
            for egress in await self._livekit.list_egresses(room.livekit_name)
            if _is_of(room, egress)
        ]
        return [c for c in candidates if not await self._is_known(c)]

    async def _objects(self, room: Room) -> list[Recording]:
        own = await storages.find_current(self._db, room.tenant_id)
        folder = room_folder(own, room.tenant_id, room.id)
        storage = await self._stores.of(own.id if own else None)
        try:
            keys = await storage.list_folder(folder)
        except StoreDenied as e:
            raise _forbidden(e) from e
        candidates = [
            self._recording(room, key, began_ms, own=own)
            for key in keys
            if (began_ms := begun_at_ms(key, folder)) is not None
        ]
        return [c for c in candidates if not await self._is_known(c)]

    async def _is_known(self, candidate: Recording) -> bool:
        return await library.is_known(self._db, candidate)

    def _of_egress(self, room: Room, egress: EgressSnapshot) -> Recording:
        return self._recording(
            room,
            egress.file_name or egress.filepath,
            egress.started_at_ms or self._clock.now_ms(),
            state=_RUNNING.get(egress.status, RecordingState.PROCESSING),
            egress_id=egress.egress_id,
            stopped_at_ms=egress.ended_at_ms,
            duration_ms=egress.duration_ms,
            size_bytes=egress.size_bytes,
        )

    def _recording(
        self,
        room: Room,
        key: str,
        started_at_ms: int,
        *,
        own: OwnBucket | None = None,
        state: RecordingState = RecordingState.PROCESSING,
        egress_id: str | None = None,
        stopped_at_ms: int | None = None,
        duration_ms: int | None = None,
        size_bytes: int | None = None,
    ) -> Recording:
        return Recording(
            id=new_id("rec", self._clock.now_ms()),
            tenant_id=room.tenant_id,
            room_id=room.id,
            state=state,
            storage_id=own.id if own else None,
            bucket=own.bucket if own else self._stores.shared.bucket,
            object_key=key,
            started_at_ms=started_at_ms,
            egress_id=egress_id,
            stopped_at_ms=stopped_at_ms,
            duration_ms=duration_ms,
            size_bytes=size_bytes,
            origin="sync",
        )

    async def _import(self, found: Recording, also: Callable[[Tx], Awaitable[None]] | None = None) -> bool:
        """Return whether it is a row now by our doing; another call, or an active recording of ours, may be in the way."""
        is_processing = found.state is RecordingState.PROCESSING
        try:
            async with self._db.transaction() as tx:
                if await library.is_known(tx, found):
                    return False
                await library.add_found(tx, found, self._clock.now_ms() if is_processing else None)
                if found.egress_id:
                    # Of rank -1: whatever LiveKit says of it next is news.
                    await parts.link_egress(tx, found.id, found.egress_id, EgressStatus.STARTING, -1)
                if also:
                    await also(tx)
                if found.state is RecordingState.RECORDING:
                    await self._events.recording_started(tx, found)
        except UniqueViolation:
            return False
        return True


def _forbidden(error: StoreDenied) -> Conflict:
    return Conflict(
        "The key of this bucket may not look into it; allow it s3:ListBucket and s3:GetObject. "
        + error.message,
        code="storage_read_forbidden",
    )


def _is_of(room: Room, egress: EgressSnapshot) -> bool:
    """Whether the egress makes a file for this room: ended ones must have one, and nobody's folder but the room's own."""
    key = egress.file_name or egress.filepath
    if not key or "{" in key or (egress.is_ended and egress.status not in HAS_FILE):
        return False
    parsed = parse_object_key(key)
    owner = (parsed.tenant_id, parsed.room_id) if parsed else None
    return owner in (None, (room.tenant_id, room.id)) and not (parsed is None and key.startswith("_t/"))
