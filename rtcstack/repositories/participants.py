"""Who is in a room, as LiveKit's events tell it; each stay is a row under LiveKit's own id."""

from rtcstack.domain.participant import Participant
from rtcstack.ports.database import Reader, Row, Tx

_JOIN = """INSERT INTO participants (sid, tenant_id, room_id, room_sid, identity, joined_at_ms)
    VALUES (:sid, :tenant_id, :room_id, :room_sid, :identity, :joined_at_ms) ON CONFLICT (sid) DO NOTHING"""
_LEAVE = """UPDATE participants SET left_at_ms = :now_ms WHERE sid = :sid AND left_at_ms IS NULL
    RETURNING sid, tenant_id, room_id, room_sid, identity, joined_at_ms, left_at_ms"""
_LEAVE_EARLIER = """UPDATE participants SET left_at_ms = :now_ms
    WHERE tenant_id = :tenant_id AND room_id = :room_id AND identity = :identity AND left_at_ms IS NULL
        AND joined_at_ms < :joined_at_ms
    RETURNING sid, tenant_id, room_id, room_sid, identity, joined_at_ms, left_at_ms"""
_LEAVE_ALL = """UPDATE participants SET left_at_ms = :now_ms
    WHERE tenant_id = :tenant_id AND room_id = :room_id AND left_at_ms IS NULL
        AND (:room_sid IS NULL OR room_sid = :room_sid)
    RETURNING sid, tenant_id, room_id, room_sid, identity, joined_at_ms, left_at_ms"""
_COUNT = """SELECT count(*) AS n FROM participants
    WHERE tenant_id = :tenant_id AND room_id = :room_id AND left_at_ms IS NULL"""
_COUNT_ALL = """SELECT room_id, count(*) AS n FROM participants
    WHERE tenant_id = :tenant_id AND left_at_ms IS NULL GROUP BY room_id"""


def _participant(row: Row) -> Participant:
    return Participant(**dict(row))


async def join(tx: Tx, participant: Participant) -> bool:
    """Return whether this stay is news; one that has ended is not."""
    changed = await tx.execute(
        _JOIN,
        sid=participant.sid,
        tenant_id=participant.tenant_id,
        room_id=participant.room_id,
        room_sid=participant.room_sid,
        identity=participant.identity,
        joined_at_ms=participant.joined_at_ms,
    )
    return changed > 0


async def leave(tx: Tx, sid: str, now_ms: int) -> Participant | None:
    """Return who left now, or None if that stay is unknown or has ended."""
    row = await tx.find(_LEAVE, sid=sid, now_ms=now_ms)
    return _participant(row) if row else None


async def leave_earlier(tx: Tx, stay: Participant, now_ms: int) -> list[Participant]:
    """Return the same person's earlier stays that had not ended: LiveKit lets an identity be in a room once."""
    rows = await tx.all(
        _LEAVE_EARLIER,
        tenant_id=stay.tenant_id,
        room_id=stay.room_id,
        identity=stay.identity,
        joined_at_ms=stay.joined_at_ms,
        now_ms=now_ms,
    )
    return [_participant(row) for row in rows]


async def leave_all(
    tx: Tx, tenant_id: str, room_id: str, now_ms: int, room_sid: str | None = None
) -> list[Participant]:
    """Return those who were still there: the room is gone, or that life of it."""
    rows = await tx.all(_LEAVE_ALL, tenant_id=tenant_id, room_id=room_id, room_sid=room_sid, now_ms=now_ms)
    return [_participant(row) for row in rows]


async def count_here(reader: Reader, tenant_id: str, room_id: str) -> int:
    row = await reader.find(_COUNT, tenant_id=tenant_id, room_id=room_id)
    return int(row["n"]) if row else 0


async def counts_here(reader: Reader, tenant_id: str) -> dict[str, int]:
    """Return how many are in each of the tenant's rooms that is not empty."""
    return {row["room_id"]: row["n"] for row in await reader.all(_COUNT_ALL, tenant_id=tenant_id)}
