"""Which ready recordings still need the jobs that follow the step to `ready`, and when those were queued."""

from collections.abc import Sequence

from rtcstack.domain.job import JobKind
from rtcstack.ports.database import Reader, Tx

_NOTE = "UPDATE recordings SET jobs_queued_at_ms = :now_ms WHERE id = :id"
_WITHOUT = """SELECT id FROM recordings
    WHERE jobs_queued_at_ms IS NULL AND deleted_at_ms IS NULL AND state IN ('ready', 'archived')
    ORDER BY started_at_ms DESC LIMIT :limit"""
# The join's order is that of the text (CROSS): there are few buckets, and for each the index is asked.
_UNREAD = """SELECT r.id FROM storages s CROSS JOIN recordings r ON r.storage_id = s.id
    AND r.jobs_queued_at_ms < s.checked_at_ms
    WHERE s.may_read = 1 AND r.storage_id IS NOT NULL AND r.verified_at_ms IS NULL AND r.deleted_at_ms IS NULL
    AND r.state IN ('ready', 'archived') ORDER BY r.jobs_queued_at_ms LIMIT :limit"""
_DUE = "SELECT count(*) AS n FROM jobs WHERE state = 'pending' AND due_at_ms <= :until_ms AND kind = :kind"


async def note_queued(tx: Tx, recording_id: str, now_ms: int) -> None:
    await tx.execute(_NOTE, id=recording_id, now_ms=now_ms)


async def list_without_jobs(reader: Reader, limit: int) -> Sequence[str]:
    """Return recordings for which they were never queued, the newest first."""
    return [row["id"] for row in await reader.all(_WITHOUT, limit=limit)]


async def list_unread(reader: Reader, limit: int) -> Sequence[str]:
    """Return recordings that nobody could verify, in buckets whose key was found to read after their jobs were queued."""
    return [row["id"] for row in await reader.all(_UNREAD, limit=limit)]


async def count_due(reader: Reader, kind: JobKind, until_ms: int) -> int:
    """Return how many jobs of the kind are due until then, or are being done."""
    row = await reader.find(_DUE, kind=kind, until_ms=until_ms)
    return int(row["n"]) if row else 0
