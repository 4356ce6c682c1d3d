"""Deleted recordings whose data is still there, until they are purged. The row stays: its key and its egresses are known."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.ports.database import Reader, Tx
from rtcstack.ports.storage import Location

# Tenant by tenant, along the index. Kept for ever (`FOR_EVER` is -1) it is compared with null, and so never due.
_DUE = """ FROM tenants CROSS JOIN recordings WHERE recordings.tenant_id = tenants.id AND deleted_at_ms IS NOT NULL
    AND deleted_at_ms < :now_ms - 86400000 * nullif(coalesce(deleted_retention_days, :default_days), -1)
    AND purged_at_ms IS NULL AND state IN ('ready', 'archived', 'failed')"""
_IN_NO_JOB = """ AND NOT EXISTS (SELECT 1 FROM jobs WHERE recording_id = recordings.id AND kind = 'purge'
        AND (state = 'pending' OR updated_at_ms > :failed_before_ms))"""
_LIST = "SELECT recordings.id" + _DUE + _IN_NO_JOB + " LIMIT :limit"
_IS_DUE = "SELECT 1" + _DUE + " AND recordings.id = :id"
_IS_BUSY = "SELECT 1 FROM jobs WHERE recording_id = :id AND state = 'pending' AND kind <> 'purge'"
_CLIPS = "SELECT storage_id, bucket, object_key FROM clips WHERE recording_id = :id"
_PURGED = "UPDATE recordings SET purged_at_ms = :now_ms WHERE id = :id AND purged_at_ms IS NULL"
_CLIPS_PURGED = "UPDATE clips SET is_retained = 0 WHERE recording_id = :id"
_PREVIEWS_PURGED = "DELETE FROM previews WHERE recording_id = :id"


@dataclass(frozen=True)
class Placed:
    """An object and the store that it lies in; None is the shared one."""

    storage_id: str | None
    at: Location


async def list_due(
    reader: Reader, *, now_ms: int, default_days: int | None, failed_before_ms: int, limit: int
) -> Sequence[str]:
    """Return the ids of those whose retention is over and that no job is at, or has lately been in vain.

    It is the tenant's, or else `default_days`; None is for ever.
    """
    rows = await reader.all(
        _LIST, now_ms=now_ms, default_days=default_days, failed_before_ms=failed_before_ms, limit=limit
    )
    return [row["id"] for row in rows]


async def is_due(reader: Reader, recording_id: str, *, now_ms: int, default_days: int | None) -> bool:
    """Whether it is deleted, for longer than its retention, has come to its end, and is not purged yet."""
    found = await reader.find(_IS_DUE, id=recording_id, now_ms=now_ms, default_days=default_days)
    return found is not None


async def is_busy(reader: Reader, recording_id: str) -> bool:
    """Whether something else is to be done with it first."""
    return await reader.find(_IS_BUSY, id=recording_id) is not None


async def clips(reader: Reader, recording_id: str) -> Sequence[Placed]:
    """Return where its clips lie, those included that were deleted."""
    rows = await reader.all(_CLIPS, id=recording_id)
    return [Placed(row["storage_id"], Location(row["bucket"], row["object_key"])) for row in rows]


async def purged(tx: Tx, recording_id: str, now_ms: int) -> None:
    """Keep that its data is gone."""
    await tx.execute(_PURGED, id=recording_id, now_ms=now_ms)
    await tx.execute(_CLIPS_PURGED, id=recording_id)
    await tx.execute(_PREVIEWS_PURGED, id=recording_id)
