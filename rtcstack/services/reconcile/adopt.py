"""Objects that lie where recordings do and that no row knows: after a restore from a backup, or by somebody's hand."""

import re
from collections.abc import Mapping
from dataclasses import replace

from rtcstack.clock import Clock
from rtcstack.domain.finding import Finding, FindingKind
from rtcstack.domain.object_key import ParsedKey, parse_object_key
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import ObjectNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx, UniqueViolation
from rtcstack.repositories import disagreements, recordings, rooms
from rtcstack.services.library.sync import RecordingSync
from rtcstack.services.repairs import note_repair
from rtcstack.services.storage.stores import Stores

_RECORDING_ID = re.compile(r"rec_[0-9a-z]{1,40}")
_EGRESS_ID = re.compile(r"EG_[0-9A-Za-z]{1,40}")


class Adoption:
    """What our own recorder wrote says beside its bytes whose it is, and of which recording: it becomes that again. Whatever
    else lies there is named, and left to `sync`, which somebody of the tenant calls.
    """

    def __init__(self, db: Database, clock: Clock, stores: Stores, sync: RecordingSync) -> None:
        self._db, self._clock, self._stores, self._sync = db, clock, stores, sync

    def is_of_pattern(self, own: OwnBucket | None, key: str) -> bool:
        """Whether a recording's object may lie under that key."""
        return _parsed(own, key) is not None

    async def look_at(self, own: OwnBucket | None, key: str) -> Finding | None:
        """Adopt the object, or say that it is unknown; None if it is a known recording's after all."""
        parsed = _parsed(own, key)
        if parsed is None:
            return None
        tenant_id = own.tenant_id if own else parsed.tenant_id
        store = await self._stores.of(own.id if own else None)
        try:
            stored = await store.stat(key)
        except ObjectNotFound:
            return None
        said = stored.metadata
        if (of := said.get("rtcstack-recording")) and await recordings.find(self._db, of):
            return None  # a copy that a move left behind, or a try's that came to nothing
        if said.get("rtcstack-tenant") != tenant_id or not await disagreements.has_tenant(
            self._db, tenant_id
        ):
            return _unknown(key, tenant_id, parsed.room_id)
        found = self._recording(own, key, tenant_id, parsed, said)
        return await self._adopt(replace(found, size_bytes=stored.size_bytes))

    async def _adopt(self, found: Recording) -> Finding | None:
        finding = Finding(
            FindingKind.OBJECT_UNKNOWN,
            found.object_key,
            "It was recorded here, and the database does not know it.",
            found.tenant_id,
            found.id,
            "it is a recording again",
        )

        async def also(tx: Tx) -> None:
            await note_repair(tx, finding, self._clock.now_ms())

        await self._ensure_room(found)
        adopted = await self._sync.adopt(found, also)
        if adopted is None or isinstance(adopted, Recording):
            return None
        text = f"{finding.message} {adopted.reason}"
        return replace(finding, message=text, object_id=None, mended=None)

    async def _ensure_room(self, found: Recording) -> None:
        """Its room may be as unknown; it is made as a closed one then."""
        if await rooms.find(self._db, found.tenant_id, found.room_id):
            return
        try:
            async with self._db.transaction() as tx:
                await rooms.add(tx, Room(found.tenant_id, found.room_id, found.room_id, found.started_at_ms))
                await rooms.close(tx, found.tenant_id, found.room_id, self._clock.now_ms())
        except UniqueViolation:
            return  # somebody made it just now

    def _recording(
        self, own: OwnBucket | None, key: str, tenant_id: str, parsed: ParsedKey, said: Mapping[str, str]
    ) -> Recording:
        """In a tenant's own bucket the ids are the tenant's word, and not taken for ours."""
        recording_id, egress_id = said.get("rtcstack-recording", ""), said.get("rtcstack-egress", "")
        is_ours = own is None and _RECORDING_ID.fullmatch(recording_id)
        duration = said.get("rtcstack-duration-ms", "")
        duration_ms = int(duration) if duration.isascii() and duration.isdigit() else None
        return Recording(
            id=recording_id if is_ours else new_id("rec", self._clock.now_ms()),
            tenant_id=tenant_id,
            room_id=parsed.room_id,
            state=RecordingState.PROCESSING,
            storage_id=own.id if own else None,
            bucket=own.bucket if own else self._stores.shared.bucket,
            object_key=key,
            started_at_ms=parsed.started_at_ms,
            egress_id=egress_id if own is None and _EGRESS_ID.fullmatch(egress_id) else None,
            stopped_at_ms=parsed.started_at_ms + duration_ms if duration_ms else None,
            duration_ms=duration_ms,
            origin="sync",
        )


def _parsed(own: OwnBucket | None, key: str) -> ParsedKey | None:
    if own is None:
        return parse_object_key(key)
    rest = key.removeprefix(own.prefix)
    return None if rest.startswith("_t/") else parse_object_key(rest)


def _unknown(key: str, tenant_id: str, room_id: str) -> Finding:
    text = (
        "It lies where a recording would, and nothing here has recorded it. If it is one, POST"
        f" /api/v1/rooms/{room_id}/recordings/sync with a key of {tenant_id} imports it."
    )
    return Finding(FindingKind.OBJECT_UNKNOWN, key, text, tenant_id)
