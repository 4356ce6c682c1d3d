"""Clips. Deleted ones stay as rows until their object is gone, and after; callers do not see them."""

from collections.abc import Sequence

from rtcstack.domain.clip import Clip, ClipState
from rtcstack.ports.database import Reader, Row, Tx

_COLUMNS = """id, tenant_id, recording_id, label, start_s, end_s, mode, state, progress, storage_id, bucket, object_key,
    size_bytes, duration_ms, error_code, error, created_at_ms, completed_at_ms, deleted_at_ms"""
_FROM = " FROM clips"
_CLIP = f"SELECT {_COLUMNS}" + _FROM
_FIND = _CLIP + " WHERE id = :id"
_VISIBLE = _FIND + " AND tenant_id = :tenant_id AND deleted_at_ms IS NULL"
_LIST = (
    _CLIP
    + """ WHERE tenant_id = :tenant_id AND recording_id = :recording_id AND deleted_at_ms IS NULL
    ORDER BY created_at_ms DESC, id DESC LIMIT :limit"""
)
_NEWEST = (
    _CLIP
    + """ WHERE tenant_id = :tenant_id AND deleted_at_ms IS NULL AND (created_at_ms, id) < (:before_ms, :before_id)
    ORDER BY created_at_ms DESC, id DESC LIMIT :limit"""
)
_COUNT = """SELECT count(*) AS n FROM clips
    WHERE tenant_id = :tenant_id AND recording_id = :recording_id AND deleted_at_ms IS NULL"""
_ADD = """INSERT INTO clips (id, tenant_id, recording_id, label, start_s, end_s, mode, state, storage_id, bucket,
        object_key, created_at_ms)
    VALUES (:id, :tenant_id, :recording_id, :label, :start_s, :end_s, :mode, :state, :storage_id, :bucket,
        :object_key, :created_at_ms)"""
_PROGRESS = """UPDATE clips SET progress = :progress
    WHERE id = :id AND state = 'processing' AND deleted_at_ms IS NULL"""
_COMPLETE = """UPDATE clips SET state = 'complete', progress = 1, size_bytes = :size_bytes,
        duration_ms = :duration_ms, completed_at_ms = :now_ms
    WHERE id = :id AND state = 'processing' AND deleted_at_ms IS NULL"""
_FAIL = """UPDATE clips SET state = 'failed', error_code = :error_code, error = :error
    WHERE id = :id AND state = 'processing' AND deleted_at_ms IS NULL"""
_DELETE = "UPDATE clips SET deleted_at_ms = :now_ms WHERE id = :id AND deleted_at_ms IS NULL"
_DELETE_OF_RECORDING = """UPDATE clips SET deleted_at_ms = :now_ms, is_retained = 1
    WHERE recording_id = :recording_id AND deleted_at_ms IS NULL"""


def _clip_of(row: Row) -> Clip:
    return Clip(**{**dict(row), "state": ClipState(row["state"])})


async def find(reader: Reader, clip_id: str) -> Clip | None:
    """Return it, deleted or not."""
    row = await reader.find(_FIND, id=clip_id)
    return _clip_of(row) if row else None


async def find_visible(reader: Reader, tenant_id: str, clip_id: str) -> Clip | None:
    """Return the tenant's own, unless it was deleted."""
    row = await reader.find(_VISIBLE, id=clip_id, tenant_id=tenant_id)
    return _clip_of(row) if row else None


async def list_of_recording(reader: Reader, tenant_id: str, recording_id: str, limit: int) -> Sequence[Clip]:
    """Newest first, deleted ones left out."""
    rows = await reader.all(_LIST, tenant_id=tenant_id, recording_id=recording_id, limit=limit)
    return [_clip_of(row) for row in rows]


async def list_of_tenant(
    reader: Reader, tenant_id: str, before: tuple[int, str], limit: int
) -> Sequence[Clip]:
    """Newest first, of all recordings: those made before a place of instant and id."""
    rows = await reader.all(
        _NEWEST, tenant_id=tenant_id, before_ms=before[0], before_id=before[1], limit=limit
    )
    return [_clip_of(row) for row in rows]


async def count_of_recording(reader: Reader, tenant_id: str, recording_id: str) -> int:
    row = await reader.find(_COUNT, tenant_id=tenant_id, recording_id=recording_id)
    return int(row["n"]) if row else 0


async def add(tx: Tx, clip: Clip) -> None:
    await tx.execute(
        _ADD,
        id=clip.id,
        tenant_id=clip.tenant_id,
        recording_id=clip.recording_id,
        label=clip.label,
        start_s=clip.start_s,
        end_s=clip.end_s,
        mode=clip.mode,
        state=clip.state,
        storage_id=clip.storage_id,
        bucket=clip.bucket,
        object_key=clip.object_key,
        created_at_ms=clip.created_at_ms,
    )


async def note_progress(tx: Tx, clip_id: str, progress: float) -> bool:
    """Return whether the clip is still wanted: processing, and not deleted."""
    return await tx.execute(_PROGRESS, id=clip_id, progress=progress) > 0


async def complete(tx: Tx, clip_id: str, *, size_bytes: int, duration_ms: int, now_ms: int) -> bool:
    """Return whether it was still wanted and now is complete."""
    changed = await tx.execute(
        _COMPLETE, id=clip_id, size_bytes=size_bytes, duration_ms=duration_ms, now_ms=now_ms
    )
    return changed > 0


async def fail(tx: Tx, clip_id: str, error_code: str, error: str) -> bool:
    """Return whether it was still wanted and now has failed."""
    return await tx.execute(_FAIL, id=clip_id, error_code=error_code, error=error) > 0


async def delete(tx: Tx, clip_id: str, now_ms: int) -> bool:
    """Return whether it was there and now is marked as deleted."""
    return await tx.execute(_DELETE, id=clip_id, now_ms=now_ms) > 0


async def delete_of_recording(tx: Tx, recording_id: str, now_ms: int) -> None:
    """Mark all clips of a recording as deleted; their objects are kept as long as its own."""
    await tx.execute(_DELETE_OF_RECORDING, recording_id=recording_id, now_ms=now_ms)
