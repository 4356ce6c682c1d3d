import json
from collections.abc import Sequence

from rtcstack.domain.room import Room
from rtcstack.ports.database import Reader, Row, Tx

_ROOM = "SELECT tenant_id, id, kind, name, max_participants, metadata, created_at_ms, closed_at_ms FROM rooms"
_FIND = _ROOM + " WHERE tenant_id = :tenant_id AND id = :id"
_LIST = (
    _ROOM
    + " WHERE tenant_id = :tenant_id AND closed_at_ms IS NULL ORDER BY created_at_ms DESC, id LIMIT :limit"
)
_ADD = """INSERT INTO rooms (tenant_id, id, kind, name, max_participants, metadata, created_at_ms)
    VALUES (:tenant_id, :id, :kind, :name, :max_participants, :metadata, :created_at_ms)"""
_REOPEN = """UPDATE rooms SET name = :name, max_participants = :max_participants, metadata = :metadata,
    created_at_ms = :created_at_ms, closed_at_ms = NULL
    WHERE tenant_id = :tenant_id AND id = :id AND closed_at_ms IS NOT NULL"""
_CLOSE = """UPDATE rooms SET closed_at_ms = :now_ms
    WHERE tenant_id = :tenant_id AND id = :id AND closed_at_ms IS NULL"""


def _room(row: Row) -> Room:
    return Room(**{**dict(row), "metadata": json.loads(row["metadata"])})


async def find(reader: Reader, tenant_id: str, room_id: str) -> Room | None:
    """Return the room, closed ones included."""
    row = await reader.find(_FIND, tenant_id=tenant_id, id=room_id)
    return _room(row) if row else None


async def list_open(reader: Reader, tenant_id: str, limit: int) -> Sequence[Room]:
    """Newest first."""
    return [_room(row) for row in await reader.all(_LIST, tenant_id=tenant_id, limit=limit)]


async def add(tx: Tx, room: Room) -> None:
    """Raises `UniqueViolation` if the tenant has a room of that id, open or closed."""
    await tx.execute(_ADD, kind=room.kind, **_params(room))


async def reopen(tx: Tx, room: Room) -> bool:
    """Return whether a closed room of that id was there and is open again, as `room` says."""
    return await tx.execute(_REOPEN, **_params(room)) > 0


async def close(tx: Tx, tenant_id: str, room_id: str, now_ms: int) -> bool:
    """Return whether an open room was closed now."""
    return await tx.execute(_CLOSE, tenant_id=tenant_id, id=room_id, now_ms=now_ms) > 0


def _params(room: Room) -> dict[str, str | int | None]:
    return {
        "tenant_id": room.tenant_id,
        "id": room.id,
        "name": room.name,
        "max_participants": room.max_participants,
        "metadata": json.dumps(dict(room.metadata)),
        "created_at_ms": room.created_at_ms,
    }
