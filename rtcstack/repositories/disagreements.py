"""Rows that the reconciler holds against what else there is."""

from collections.abc import Sequence

from rtcstack.domain.job import JobKind
from rtcstack.domain.participant import Participant
from rtcstack.domain.recording import Recording
from rtcstack.ports.database import Reader, Tx
from rtcstack.repositories.recordings import COLUMNS, recording_of

_PENDING = """EXISTS (SELECT 1 FROM jobs WHERE jobs.recording_id = recordings.id AND jobs.state = 'pending'
    AND jobs.kind = '{kind}')"""
_IDLE = (
    f"SELECT {COLUMNS} FROM recordings WHERE state = 'processing' AND due_at_ms IS NULL"  # noqa: S608  # constants
    " AND started_at_ms < :before_ms AND NOT " + _PENDING.format(kind=JobKind.UPLOAD) + " LIMIT :limit"
)
_IDLE_CLIPS = """SELECT id, tenant_id, recording_id FROM clips
    WHERE state = 'processing' AND deleted_at_ms IS NULL AND created_at_ms < :before_ms AND NOT EXISTS (SELECT 1 FROM jobs
        WHERE jobs.recording_id = clips.recording_id AND jobs.subject_id = clips.id AND jobs.kind = 'clip'
            AND jobs.state = 'pending') LIMIT :limit"""
_IN_STORE = f"""SELECT {COLUMNS} FROM recordings WHERE coalesce(storage_id, '') = :storage_id
    AND object_key > :after AND object_key <= :up_to AND deleted_at_ms IS NULL
    AND state IN ('ready', 'failed') ORDER BY object_key LIMIT :limit"""  # noqa: S608  # constants
_KEYS = """SELECT object_key FROM recordings WHERE coalesce(storage_id, '') = :storage_id
    AND object_key >= :first AND object_key <= :last"""
# The archived ones by the index of a tenant's states: they may be few among a million that are ready.
_KEPT = """SELECT recordings.id AS id FROM tenants CROSS JOIN recordings ON recordings.tenant_id = tenants.id
        AND recordings.state = 'archived' AND recordings.deleted_at_ms IS NULL
    WHERE coalesce(:tenant_id, tenants.id) = tenants.id AND coalesce(storage_id, '') = :storage_id
        AND recordings.id > :after
    UNION ALL SELECT id FROM clips WHERE state = 'complete' AND deleted_at_ms IS NULL
        AND coalesce(storage_id, '') = :storage_id AND id > :after
    ORDER BY id LIMIT :limit"""
_HERE = """SELECT sid, tenant_id, room_id, room_sid, identity, joined_at_ms, left_at_ms FROM participants
    WHERE left_at_ms IS NULL AND joined_at_ms < :before_ms LIMIT :limit"""
_HAS_TENANT = "SELECT 1 FROM tenants WHERE id = :id"


async def idle_recordings(reader: Reader, before_ms: int, limit: int) -> Sequence[Recording]:
    """Return those that began before that instant and are processing while nothing is due for them."""
    return [recording_of(row) for row in await reader.all(_IDLE, before_ms=before_ms, limit=limit)]


async def idle_clips(reader: Reader, before_ms: int, limit: int) -> Sequence[tuple[str, str, str]]:
    """Return id, tenant and recording of clips that were asked for before that instant and that no job is there to cut."""
    rows = await reader.all(_IDLE_CLIPS, before_ms=before_ms, limit=limit)
    return [(row["id"], row["tenant_id"], row["recording_id"]) for row in rows]


async def in_store(
    reader: Reader, storage_id: str | None, after: str, up_to: str, limit: int
) -> Sequence[Recording]:
    """Return the first ready and failed recordings of a store whose keys come behind `after`, up to and with `up_to`, in
    the order of their keys.
    """
    rows = await reader.all(_IN_STORE, storage_id=storage_id or "", after=after, up_to=up_to, limit=limit)
    return [recording_of(row) for row in rows]


async def keys_in_store(reader: Reader, storage_id: str | None, first: str, last: str) -> set[str]:
    """Return the keys from `first` to `last` of all recordings there, of deleted ones too."""
    rows = await reader.all(_KEYS, storage_id=storage_id or "", first=first, last=last)
    return {row["object_key"] for row in rows}


async def kept_in_store(
    reader: Reader, storage_id: str | None, tenant_id: str | None, after: str, limit: int
) -> Sequence[str]:
    """Return the next ids behind `after`, in order, of archived recordings and finished clips in a store: the shared one, or
    that of the tenant.
    """
    asked = {"storage_id": storage_id or "", "tenant_id": tenant_id, "after": after, "limit": limit}
    return [row["id"] for row in await reader.all(_KEPT, **asked)]


async def who_is_here(reader: Reader, before_ms: int, limit: int) -> Sequence[Participant]:
    """Return the stays in all rooms that began before that instant and have not ended."""
    return [Participant(**dict(row)) for row in await reader.all(_HERE, before_ms=before_ms, limit=limit)]


async def has_tenant(reader: Reader, tenant_id: str) -> bool:
    return await reader.find(_HAS_TENANT, id=tenant_id) is not None


async def make_due(tx: Tx, recording_id: str, now_ms: int) -> bool:
    """Make an idle recording due; return whether it was idle still."""
    sql = "UPDATE recordings SET due_at_ms = :now_ms WHERE id = :id AND state = 'processing' AND due_at_ms IS NULL"
    return await tx.execute(sql, id=recording_id, now_ms=now_ms) > 0
