"""The egresses that worked for a recording, one after the other: each advances, none goes back."""

from collections.abc import Sequence

from rtcstack.domain.recording import Recording
from rtcstack.ports.database import Reader, Tx
from rtcstack.repositories import recordings

_PART_OF = "SELECT recording_id FROM recording_parts WHERE egress_id = :egress_id"
_PARTS = "SELECT egress_id FROM recording_parts WHERE recording_id = :recording_id ORDER BY ordinal DESC"
_SET_EGRESS = """UPDATE recordings SET egress_id = :egress_id, lease_until_ms = NULL
    WHERE id = :id AND egress_id IS NULL"""
_ADD_PART = """INSERT INTO recording_parts (egress_id, recording_id, ordinal, status, status_rank)
    VALUES (:egress_id, :recording_id,
        (SELECT count(*) + 1 FROM recording_parts WHERE recording_id = :recording_id), :status, :rank)
    ON CONFLICT (egress_id) DO NOTHING"""
_RANK = "SELECT status_rank FROM recording_parts WHERE egress_id = :egress_id"
_ADVANCE_PART = """UPDATE recording_parts SET status = :status, status_rank = :rank, error = :error,
    started_at_ms = coalesce(:started_at_ms, started_at_ms), ended_at_ms = coalesce(:ended_at_ms, ended_at_ms)
    WHERE egress_id = :egress_id AND status_rank < :rank"""


async def find_by_egress(reader: Reader, egress_id: str) -> Recording | None:
    part = await reader.find(_PART_OF, egress_id=egress_id)
    return await recordings.find(reader, part["recording_id"]) if part else None


async def egress_ids(reader: Reader, recording_id: str) -> Sequence[str]:
    """Return the ids of all egresses that worked for it, the latest first."""
    return [row["egress_id"] for row in await reader.all(_PARTS, recording_id=recording_id)]


async def reached(reader: Reader, egress_id: str) -> int:
    """Return the rank of the last that was heard of it, -1 if nothing was."""
    row = await reader.find(_RANK, egress_id=egress_id)
    return int(row["status_rank"]) if row else -1


async def link_egress(tx: Tx, recording_id: str, egress_id: str, status: str, rank: int) -> None:
    """Make `egress_id` one of the recording's; the first one stays its id on every surface."""
    await tx.execute(_SET_EGRESS, id=recording_id, egress_id=egress_id)
    await tx.execute(_ADD_PART, egress_id=egress_id, recording_id=recording_id, status=status, rank=rank)


async def advance_part(
    tx: Tx,
    egress_id: str,
    *,
    status: str,
    rank: int,
    error: str | None,
    started_at_ms: int | None,
    ended_at_ms: int | None,
) -> bool:
    """Return whether this was news: an update of a rank that the part had not reached."""
    changed = await tx.execute(
        _ADVANCE_PART,
        egress_id=egress_id,
        status=status,
        rank=rank,
        error=error,
        started_at_ms=started_at_ms,
        ended_at_ms=ended_at_ms,
    )
    return changed > 0
