"""Import what others recorded: egresses that LiveKit has of the room, and objects in its folder of the bucket."""

from collections.abc import Sequence

from rtcstack.clock import Clock
from rtcstack.domain.egress import HAS_FILE, EgressSnapshot, EgressStatus
from rtcstack.domain.object_key import folder, parse_object_key
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import ObjectNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, UniqueViolation
from rtcstack.ports.livekit import LiveKit
from rtcstack.ports.storage import Storage
from rtcstack.repositories import library, recordings
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.rooms import Rooms

_BATCH = 100
_RUNNING = {
    EgressStatus.STARTING: RecordingState.RECORDING,
    EgressStatus.ACTIVE: RecordingState.RECORDING,
    EgressStatus.ENDING: RecordingState.STOPPING,
}


class RecordingSync:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        storage: Storage,
        rooms: Rooms,
        events: Events,
        finalize: Finalize,
    ) -> None:
        self._db, self._clock, self._livekit, self._storage = db, clock, livekit, storage
        self._rooms, self._events, self._finalize = rooms, events, finalize

    async def sync(self, tenant_id: str, room_id: str) -> Sequence[Recording]:
        """Return the recordings that this call has imported, at most 100; each is imported once, whoever calls how often.

        What is in the bucket becomes ready, and customers are told so; what still runs becomes a recording like any.

        Raises:
            RoomNotFound: the room exists nowhere.
            PartUnavailable: LiveKit or the store does not answer.
        """
        room = await self._rooms.get_any(tenant_id, room_id)
        imported: list[str] = []
        for found in [*await self._egresses(room), *await self._objects(room)]:
            if len(imported) < _BATCH and await self._import(found):
                imported.append(found.id)
        for recording_id in imported:
            await self._finalize.finalize(recording_id)
        now = [await recordings.find(self._db, recording_id) for recording_id in imported]
        return [recording for recording in now if recording is not None]

    async def _egresses(self, room: Room) -> list[Recording]:
        candidates = [
            self._of_egress(room, egress)
            for egress in await self._livekit.list_egresses(room.livekit_name)
            if _is_of(room, egress)
        ]
        return [c for c in candidates if not await self._is_known(c) and await self._has_file(c)]

    async def _has_file(self, candidate: Recording) -> bool:
        """Whether one that has ended put its file into our bucket: it may have been told to use another."""
        if candidate.state is not RecordingState.PROCESSING:
            return True
        try:
            await self._storage.stat(candidate.object_key)
        except ObjectNotFound:
            return False
        return True

    async def _objects(self, room: Room) -> list[Recording]:
        keys = await self._storage.list_folder(folder(room.tenant_id, room.id))
        candidates = [
            self._recording(room, key, parsed.started_at_ms)
            for key in keys
            if (parsed := parse_object_key(key)) is not None
        ]
        return [c for c in candidates if not await self._is_known(c)]

    async def _is_known(self, candidate: Recording) -> bool:
        return await library.is_known(self._db, candidate.object_key, candidate.egress_id)

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
            bucket=self._storage.bucket,
            object_key=key,
            started_at_ms=started_at_ms,
            egress_id=egress_id,
            stopped_at_ms=stopped_at_ms,
            duration_ms=duration_ms,
            size_bytes=size_bytes,
            origin="sync",
        )

    async def _import(self, found: Recording) -> bool:
        """Return whether it is a row now by our doing; another call, or an active recording of ours, may be in the way."""
        is_processing = found.state is RecordingState.PROCESSING
        try:
            async with self._db.transaction() as tx:
                if await library.is_known(tx, found.object_key, found.egress_id):
                    return False
                await library.add_found(tx, found, self._clock.now_ms() if is_processing else None)
                if found.egress_id:
                    # Of rank -1: whatever LiveKit says of it next is news.
                    await recordings.link_egress(tx, found.id, found.egress_id, EgressStatus.STARTING, -1)
                if found.state is RecordingState.RECORDING:
                    await self._events.recording_started(tx, found)
        except UniqueViolation:
            return False
        return True


def _is_of(room: Room, egress: EgressSnapshot) -> bool:
    """Whether the egress makes a file for this room: ended ones must have one, and nobody's folder but the room's own."""
    key = egress.file_name or egress.filepath
    if not key or "{" in key or (egress.is_ended and egress.status not in HAS_FILE):
        return False
    parsed = parse_object_key(key)
    owner = (parsed.tenant_id, parsed.room_id) if parsed else None
    return owner in (None, (room.tenant_id, room.id)) and not (parsed is None and key.startswith("_t/"))
