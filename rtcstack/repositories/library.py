"""A tenant's recordings as the library lists, archives, imports and deletes them; deleted ones are not there.

Lists are newest first. Totals and the way to a far page come from `recording_days` and `recording_state_days`, which
triggers keep: neither counts rows. A room's own are counted, by index.
"""

import json
from collections.abc import Sequence

from rtcstack.domain.recording import Recording
from rtcstack.domain.recording_list import Cursor, RecordingFilter
from rtcstack.ports.database import Reader, Tx
from rtcstack.repositories.recordings import COLUMNS, recording_of

_DAY_MS = 86_400_000
_OF_TENANT = " FROM recordings WHERE tenant_id = :tenant_id AND deleted_at_ms IS NULL"
_OF_DAYS = " FROM recording_days WHERE tenant_id = :tenant_id"
_OF_STATE_DAYS = " FROM recording_state_days WHERE tenant_id = :tenant_id"
_COUNT = "SELECT count(*) AS n" + _OF_TENANT
_SUM = "SELECT coalesce(sum(n), 0) AS n"
_DAY_AT = """SELECT day, cum - n AS newer FROM (
        SELECT day, n, sum(n) OVER (ORDER BY day DESC) AS cum
        FROM (SELECT day, sum(n) AS n{of_days} GROUP BY day) AS days) AS run
    WHERE cum > :offset ORDER BY day DESC LIMIT 1"""
_NEWEST = " ORDER BY started_at_ms DESC, id DESC LIMIT :limit OFFSET :offset"
# For the few that are in one of several passing states: found by state and sorted, not picked out of the whole list.
_NEWEST_OF_FEW = " ORDER BY +started_at_ms DESC, id DESC LIMIT :limit OFFSET :offset"
_BEFORE = " AND started_at_ms < :before_ms"
_AFTER_CURSOR = " AND (started_at_ms, id) < (:cursor_ms, :cursor_id)"
_ARCHIVE = """UPDATE recordings SET state = 'archived', archived_at_ms = :now_ms, cold_bucket = :cold_bucket,
    transfer = 'pending' WHERE id = :id AND state = 'ready' AND deleted_at_ms IS NULL"""
_SET_TRANSFER = "UPDATE recordings SET transfer = :transfer WHERE id = :id AND state = 'archived'"
_RESTORED = """UPDATE recordings SET state = 'ready', archived_at_ms = NULL, cold_bucket = NULL, transfer = 'done'
    WHERE id = :id AND state = 'archived'"""
_RETRY = """UPDATE recordings SET state = 'processing', due_at_ms = :due_at_ms, attempts = 0, missing = 0, lease_until_ms = NULL,
    error_code = NULL, error = NULL, completed_at_ms = NULL WHERE id = :id AND state = 'failed'"""
_DELETE = """UPDATE recordings SET deleted_at_ms = :now_ms WHERE id = :id AND state = :state AND deleted_at_ms IS NULL"""
_IS_KNOWN = """SELECT 1 FROM recordings WHERE object_key = :object_key AND storage_id IS :storage_id
    UNION ALL SELECT 1 FROM recording_parts WHERE egress_id = :egress_id"""
_IMPORT = """INSERT INTO recordings (id, tenant_id, room_id, kind, state, storage_id, bucket, object_key, options, started_at_ms,
        stopped_at_ms, duration_ms, size_bytes, streams, origin, due_at_ms)
    VALUES (:id, :tenant_id, :room_id, :kind, :state, :storage_id, :bucket, :object_key, :options, :started_at_ms,
        :stopped_at_ms, :duration_ms, :size_bytes, :streams, 'sync', :due_at_ms)"""


def _in_states(which: RecordingFilter) -> str:
    """Return the states as SQL: they are words of ours. What a caller sends goes through a parameter."""
    words = ", ".join(f"'{state}'" for state in sorted(which.states))
    return f" AND state IN ({words})" if words else ""


def _condition(which: RecordingFilter) -> str:
    return (" AND room_id = :room_id" if which.room_id is not None else "") + _in_states(which)


def _of_days(which: RecordingFilter) -> str:
    """Return where the numbers by day stand of all rooms' recordings in those states."""
    return _OF_STATE_DAYS + _in_states(which) if which.states else _OF_DAYS


async def count(reader: Reader, tenant_id: str, which: RecordingFilter) -> int:
    """Return how many there are, exactly."""
    sql = _SUM + _of_days(which) if which.room_id is None else _COUNT + _condition(which)
    row = await reader.find(sql, tenant_id=tenant_id, room_id=which.room_id)
    return int(row["n"]) if row else 0


async def list_page(
    reader: Reader, tenant_id: str, which: RecordingFilter, *, limit: int, offset: int
) -> Sequence[Recording]:
    """Return `limit` recordings after the `offset` newest ones."""
    if which.room_id is not None or offset == 0:
        return await _list(reader, which, "", tenant_id=tenant_id, limit=limit, offset=offset)
    day = await reader.find(_DAY_AT.format(of_days=_of_days(which)), tenant_id=tenant_id, offset=offset)
    if day is None:
        return []
    before_ms, left = (day["day"] + 1) * _DAY_MS, offset - day["newer"]
    return await _list(
        reader, which, _BEFORE, tenant_id=tenant_id, before_ms=before_ms, limit=limit, offset=left
    )


async def list_after(
    reader: Reader, tenant_id: str, which: RecordingFilter, *, limit: int, cursor: Cursor
) -> Sequence[Recording]:
    """Return `limit` recordings that come after the cursor."""
    return await _list(
        reader,
        which,
        _AFTER_CURSOR,
        tenant_id=tenant_id,
        cursor_ms=cursor.started_at_ms,
        cursor_id=cursor.recording_id,
        limit=limit,
        offset=0,
    )


async def _list(
    reader: Reader, which: RecordingFilter, place: str, **params: str | int
) -> Sequence[Recording]:
    order = _NEWEST_OF_FEW if len(which.states) > 1 else _NEWEST
    sql = f"SELECT {COLUMNS}" + _OF_TENANT + _condition(which) + place + order
    return [recording_of(row) for row in await reader.all(sql, room_id=which.room_id, **params)]


async def archive(tx: Tx, recording_id: str, cold_bucket: str, now_ms: int) -> bool:
    """Return whether it was ready and now is archived, its object's move pending."""
    return await tx.execute(_ARCHIVE, id=recording_id, cold_bucket=cold_bucket, now_ms=now_ms) > 0


async def set_transfer(tx: Tx, recording_id: str, transfer: str) -> None:
    await tx.execute(_SET_TRANSFER, id=recording_id, transfer=transfer)


async def restored(tx: Tx, recording_id: str) -> bool:
    """Return whether it was archived and now is ready."""
    return await tx.execute(_RESTORED, id=recording_id) > 0


async def retry(tx: Tx, recording_id: str, due_at_ms: int | None) -> bool:
    """Return whether it had failed and now is processing again; from `due_at_ms` on its object is looked for."""
    return await tx.execute(_RETRY, id=recording_id, due_at_ms=due_at_ms) > 0


async def delete(tx: Tx, recording: Recording, now_ms: int) -> bool:
    """Return whether it was still in that state and now is marked as deleted."""
    return await tx.execute(_DELETE, id=recording.id, state=recording.state, now_ms=now_ms) > 0


async def is_known(reader: Reader, found: Recording) -> bool:
    """Whether any recording, deleted ones included, has that key in that store or was made by that egress."""
    known = await reader.find(
        _IS_KNOWN, object_key=found.object_key, storage_id=found.storage_id, egress_id=found.egress_id
    )
    return known is not None


async def add_found(tx: Tx, recording: Recording, due_at_ms: int | None) -> None:
    """Insert a recording that somebody else began.

    Raises:
        UniqueViolation: its key is known, or it is active and the room has an active one.
    """
    await tx.execute(
        _IMPORT,
        id=recording.id,
        tenant_id=recording.tenant_id,
        room_id=recording.room_id,
        kind=recording.kind,
        state=recording.state,
        storage_id=recording.storage_id,
        bucket=recording.bucket,
        object_key=recording.object_key,
        options=json.dumps(dict(recording.options)),
        started_at_ms=recording.started_at_ms,
        stopped_at_ms=recording.stopped_at_ms,
        duration_ms=recording.duration_ms,
        size_bytes=recording.size_bytes,
        streams=json.dumps(dict(recording.streams)),
        due_at_ms=due_at_ms,
    )
