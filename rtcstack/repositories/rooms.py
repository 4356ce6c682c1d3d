import json
from collections.abc import Sequence

from rtcstack.domain.room import Room
from rtcstack.ports.database import Reader, Row, Tx

SELECT = """SELECT tenant_id, id, kind, name, max_participants, metadata, created_at_ms, closed_at_ms,
    record, moderation, moderation_action, empty_since_ms, recording_stopped FROM rooms"""
_FIND = SELECT + " WHERE tenant_id = :tenant_id AND id = :id"
_OF_TENANT = SELECT + " WHERE tenant_id = :tenant_id"
_IS_HALL = " AND kind = 'hall'"
_NEWEST = " ORDER BY created_at_ms DESC, id DESC LIMIT :limit"
_IS_OPEN = " AND closed_at_ms IS NULL"
_IS_CLOSED = " AND closed_at_ms IS NOT NULL"
_CLOSED_HALLS = (
    SELECT + " WHERE kind = 'hall' AND closed_at_ms > :after_ms ORDER BY closed_at_ms DESC LIMIT :limit"
)
_ADD = """INSERT INTO rooms (tenant_id, id, kind, name, max_participants, metadata, created_at_ms, record, moderation,
        moderation_action, empty_since_ms)
    VALUES (:tenant_id, :id, :kind, :name, :max_participants, :metadata, :created_at_ms, :record, :moderation,
        :moderation_action, :created_at_ms)"""
_REOPEN = """UPDATE rooms SET name = :name, max_participants = :max_participants, metadata = :metadata,
    created_at_ms = :created_at_ms, closed_at_ms = NULL
    WHERE tenant_id = :tenant_id AND id = :id AND kind = 'room' AND closed_at_ms IS NOT NULL"""
_CLOSE = """UPDATE rooms SET closed_at_ms = :now_ms
    WHERE tenant_id = :tenant_id AND id = :id AND closed_at_ms IS NULL"""
_OCCUPIED = """UPDATE rooms SET empty_since_ms = NULL, recording_stopped = 0
    WHERE tenant_id = :tenant_id AND id = :id"""
_STOPPED = "UPDATE rooms SET recording_stopped = :is_stopped WHERE tenant_id = :tenant_id AND id = :id"
_EMPTIED = """UPDATE rooms SET empty_since_ms = :now_ms
    WHERE tenant_id = :tenant_id AND id = :id AND empty_since_ms IS NULL"""
# From the few active recordings to their rooms. Whoever left after its beginning was there while it ran.
_DESERTED = """SELECT rooms.tenant_id, rooms.id, rooms.kind, name, max_participants, metadata, created_at_ms,
        closed_at_ms, record, moderation, moderation_action, empty_since_ms, recording_stopped
    FROM recordings CROSS JOIN rooms
    WHERE state IN ('queued', 'starting', 'recording', 'paused')
        AND rooms.tenant_id = recordings.tenant_id AND rooms.id = recordings.room_id
        AND (closed_at_ms IS NOT NULL OR rooms.kind = 'hall' AND record = 1 AND empty_since_ms IS NOT NULL AND
            CASE WHEN empty_since_ms > started_at_ms THEN empty_since_ms <= :left_before_ms
                ELSE started_at_ms <= :begun_before_ms END)
    LIMIT :limit"""
_IS_RECORDED = """EXISTS (SELECT 1 FROM recordings
    WHERE recordings.tenant_id = rooms.tenant_id AND recordings.room_id = rooms.id
        AND (state IN ('queued', 'starting', 'recording', 'paused')
            OR state = 'failed' AND completed_at_ms > :failed_after_ms AND error_code <> 'no_capacity'))"""
_UNRECORDED = (
    SELECT
    + " WHERE record = 1 AND closed_at_ms IS NULL AND empty_since_ms IS NULL AND recording_stopped = 0"
    + f" AND NOT {_IS_RECORDED} LIMIT :limit"
)

_MODERATED = SELECT + " WHERE moderation = 1 AND closed_at_ms IS NULL"
_IS_FLAGGED = """ AND moderation_action = 'close' AND EXISTS (SELECT 1 FROM moderation_findings AS found
    WHERE found.tenant_id = rooms.tenant_id AND found.room_id = rooms.id)"""


def room_of(row: Row) -> Room:
    """Return what was read by `SELECT`."""
    fields = dict(row)
    for name in ("record", "moderation", "recording_stopped"):
        fields[name] = bool(row[name])
    return Room(**{**fields, "metadata": json.loads(row["metadata"])})


async def find(reader: Reader, tenant_id: str, room_id: str) -> Room | None:
    """Return the room, closed ones included."""
    row = await reader.look_up(_FIND, tenant_id=tenant_id, id=room_id)
    return room_of(row) if row else None


async def list_open(reader: Reader, tenant_id: str, limit: int) -> Sequence[Room]:
    """Return rooms and halls, newest first."""
    rows = await reader.all(_OF_TENANT + _IS_OPEN + _NEWEST, tenant_id=tenant_id, limit=limit)
    return [room_of(row) for row in rows]


async def list_halls(reader: Reader, tenant_id: str, limit: int, *, is_open: bool | None) -> Sequence[Room]:
    """Return the newest first; `is_open` None means open and closed ones."""
    which = {None: "", True: _IS_OPEN, False: _IS_CLOSED}[is_open]
    rows = await reader.all(_OF_TENANT + _IS_HALL + which + _NEWEST, tenant_id=tenant_id, limit=limit)
    return [room_of(row) for row in rows]


async def list_closed_halls(reader: Reader, after_ms: int, limit: int) -> Sequence[Room]:
    """Return those of all tenants that were closed after that instant, the last closed first; it looks through all rooms."""
    return [room_of(row) for row in await reader.all(_CLOSED_HALLS, after_ms=after_ms, limit=limit)]


async def list_deserted(
    reader: Reader, *, left_before_ms: int, begun_before_ms: int, limit: int
) -> Sequence[Room]:
    """Return rooms whose recording should be finished: closed ones, and recorded halls that have been empty for long.

    Long means since `left_before_ms` if somebody was there while it ran, otherwise begun before `begun_before_ms`.
    """
    rows = await reader.all(
        _DESERTED, left_before_ms=left_before_ms, begun_before_ms=begun_before_ms, limit=limit
    )
    return [room_of(row) for row in rows]


async def list_unrecorded(reader: Reader, *, failed_after_ms: int, limit: int) -> Sequence[Room]:
    """Return recorded halls with somebody in them and no recording, unless one was stopped by a caller.

    A hall whose recording failed after `failed_after_ms` is left out: what fails at once must not be begun for ever.
    """
    rows = await reader.all(_UNRECORDED, failed_after_ms=failed_after_ms, limit=limit)
    return [room_of(row) for row in rows]


async def list_moderated(reader: Reader) -> Sequence[Room]:
    """Return open moderated halls with somebody in them."""
    return [room_of(row) for row in await reader.all(_MODERATED + " AND empty_since_ms IS NULL")]


async def list_flagged(reader: Reader) -> Sequence[Room]:
    """Return open halls that are to be closed for what was found in them."""
    return [room_of(row) for row in await reader.all(_MODERATED + _IS_FLAGGED)]


async def add(tx: Tx, room: Room) -> None:
    """Raises `UniqueViolation` if the tenant has a room of that id, open or closed."""
    await tx.execute(
        _ADD,
        kind=room.kind,
        record=int(room.record),
        moderation=int(room.moderation),
        moderation_action=room.moderation_action,
        **_params(room),
    )


async def reopen(tx: Tx, room: Room) -> bool:
    """Return whether a closed room of that id was there and is open again, as `room` says. Halls stay closed."""
    return await tx.execute(_REOPEN, **_params(room)) > 0


async def close(tx: Tx, tenant_id: str, room_id: str, now_ms: int) -> bool:
    """Return whether an open room was closed now."""
    return await tx.execute(_CLOSE, tenant_id=tenant_id, id=room_id, now_ms=now_ms) > 0


async def note_occupied(tx: Tx, tenant_id: str, room_id: str) -> None:
    await tx.execute(_OCCUPIED, tenant_id=tenant_id, id=room_id)


async def note_recording_stopped(tx: Tx, tenant_id: str, room_id: str, *, is_stopped: bool) -> None:
    """Keep whether a caller has stopped its recording, and nobody wants it since."""
    await tx.execute(_STOPPED, tenant_id=tenant_id, id=room_id, is_stopped=int(is_stopped))


async def note_emptied(tx: Tx, tenant_id: str, room_id: str, now_ms: int) -> None:
    await tx.execute(_EMPTIED, tenant_id=tenant_id, id=room_id, now_ms=now_ms)


def _params(room: Room) -> dict[str, str | int | None]:
    return {
        "tenant_id": room.tenant_id,
        "id": room.id,
        "name": room.name,
        "max_participants": room.max_participants,
        "metadata": json.dumps(dict(room.metadata)),
        "created_at_ms": room.created_at_ms,
    }
