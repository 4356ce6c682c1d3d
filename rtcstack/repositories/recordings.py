"""Recordings. States change by conditional updates: the row count says who won."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rtcstack.domain.loss import Gap
from rtcstack.domain.recording import ACTIVE, Recording, RecordingState, Transfer
from rtcstack.ports.database import Reader, Row, Tx

_ACTIVE_STATES = ", ".join(f"'{state}'" for state in sorted(ACTIVE))
COLUMNS = """id, tenant_id, room_id, kind, state, egress_id, bucket, object_key, options, started_at_ms,
    stopped_at_ms, completed_at_ms, duration_ms, size_bytes, checksum, streams, error_code, error, attempts, fence,
    origin, archived_at_ms, transfer, cold_bucket, storage_id, verified_at_ms, verify_error, missing,
    recovered, gaps, upload_waits, notes"""
_FROM = " FROM recordings"
_RECORDING = f"SELECT {COLUMNS}" + _FROM
_GET = _RECORDING + " WHERE id = :id"
_VISIBLE = _GET + " AND tenant_id = :tenant_id AND deleted_at_ms IS NULL"
_BY_KEY = (
    _RECORDING
    + """ WHERE object_key = :object_key AND tenant_id = :tenant_id AND room_id = :room_id
    ORDER BY started_at_ms DESC LIMIT 1"""
)
_ACTIVE_OF_ROOM = (
    _RECORDING + f" WHERE tenant_id = :tenant_id AND room_id = :room_id AND state IN ({_ACTIVE_STATES})"
)
_LIST_OF_ROOM = (
    _RECORDING
    + """ WHERE tenant_id = :tenant_id AND room_id = :room_id AND deleted_at_ms IS NULL
    ORDER BY started_at_ms DESC, id DESC LIMIT :limit"""
)
_AHEAD_MS = 60_000  # a clock that is kept in step never goes back further
_LIST_UNENDED = (
    _RECORDING
    + """ WHERE state IN ('starting', 'recording', 'paused', 'stopping')
        AND (started_at_ms < :before_ms OR started_at_ms > :before_ms + :ahead_ms)
    ORDER BY started_at_ms LIMIT :limit"""
)
_COUNT_ACTIVE = """SELECT count(*) AS n FROM recordings
    WHERE tenant_id = :tenant_id AND state IN ('queued', 'starting', 'recording', 'paused')"""
_STORED_BYTES = "SELECT coalesce(sum(bytes), 0) AS n FROM recording_days WHERE tenant_id = :tenant_id"
_COUNT_KEYS = """SELECT (SELECT count(*) FROM recordings
        WHERE object_key >= :stem AND object_key < :beyond AND tenant_id = :tenant_id)
    + (SELECT count(*) FROM abandoned_keys
        WHERE object_key >= :stem AND object_key < :beyond AND tenant_id = :tenant_id) AS n"""
_LAST_CHAR = chr(0x10FFFF)
_ADD = """INSERT INTO recordings (id, tenant_id, room_id, kind, state, storage_id, bucket, object_key, options,
        started_at_ms)
    VALUES (:id, :tenant_id, :room_id, :kind, :state, :storage_id, :bucket, :object_key, :options, :started_at_ms)"""
_GIVE_UP = """UPDATE recordings SET state = 'failed', error_code = 'start_failed', error = :error,
    completed_at_ms = :now_ms, deleted_at_ms = :now_ms
    WHERE id = :id AND state = 'starting' AND egress_id IS NULL AND lease_until_ms IS NULL"""
_IS_GIVEN_UP = """SELECT 1 FROM recordings
    WHERE object_key = :object_key AND tenant_id = :tenant_id AND room_id = :room_id
    AND error_code IN ('start_failed', 'no_capacity')
    UNION ALL SELECT 1 FROM abandoned_keys
    WHERE object_key = :object_key AND tenant_id = :tenant_id AND room_id = :room_id"""
_MOVE = """UPDATE recordings SET state = :target, stopped_at_ms = coalesce(:stopped_at_ms, stopped_at_ms),
    due_at_ms = :due_at_ms, attempts = 0, missing = 0 WHERE id = :id AND state = :current"""
_STOP = """UPDATE recordings SET state = 'stopping', stopped_at_ms = :now_ms
    WHERE id = :id AND state IN ('starting', 'recording', 'paused')"""
_GO_ON = (
    """UPDATE recordings SET state = :state, stopped_at_ms = NULL WHERE id = :id AND state = 'stopping'"""
)
_FAIL = """UPDATE recordings SET state = 'failed', error_code = :error_code, error = :error,
    completed_at_ms = :now_ms, due_at_ms = NULL, lease_until_ms = NULL,
    stopped_at_ms = coalesce(stopped_at_ms, :stopped_at_ms) WHERE id = :id AND state = :current"""
_FILE = """UPDATE recordings SET duration_ms = :duration_ms, size_bytes = :size_bytes,
    stopped_at_ms = coalesce(:ended_at_ms, stopped_at_ms, :stopped_at_ms) WHERE id = :id"""

_OPTIONS = "UPDATE recordings SET options = :options WHERE id = :id"


def recording_of(row: Row) -> Recording:
    fields = dict(row)
    fields["state"] = RecordingState(row["state"])
    fields["options"] = json.loads(row["options"])
    fields["streams"] = json.loads(row["streams"] or "{}")
    fields["recovered"] = bool(row["recovered"])
    fields["notes"] = tuple(json.loads(row["notes"] or "[]"))
    fields["gaps"] = tuple(Gap(*gap) for gap in json.loads(row["gaps"] or "[]"))
    fields["transfer"] = Transfer(row["transfer"]) if row["transfer"] else None
    return Recording(**fields)


async def find(reader: Reader, recording_id: str) -> Recording | None:
    row = await reader.find(_GET, id=recording_id)
    return recording_of(row) if row else None


async def find_visible(reader: Reader, tenant_id: str, recording_id: str) -> Recording | None:
    """Return the tenant's own, unless it was deleted."""
    row = await reader.look_up(_VISIBLE, id=recording_id, tenant_id=tenant_id)
    return recording_of(row) if row else None


async def find_by_key(reader: Reader, tenant_id: str, room_id: str, object_key: str) -> Recording | None:
    """Return the room's recording with that key: other tenants may have the same one in buckets of their own."""
    row = await reader.find(_BY_KEY, tenant_id=tenant_id, room_id=room_id, object_key=object_key)
    return recording_of(row) if row else None


async def find_active(reader: Reader, tenant_id: str, room_id: str) -> Recording | None:
    row = await reader.look_up(_ACTIVE_OF_ROOM, tenant_id=tenant_id, room_id=room_id)
    return recording_of(row) if row else None


async def list_of_room(reader: Reader, tenant_id: str, room_id: str, limit: int) -> Sequence[Recording]:
    """Newest first, deleted ones left out."""
    rows = await reader.all(_LIST_OF_ROOM, tenant_id=tenant_id, room_id=room_id, limit=limit)
    return [recording_of(row) for row in rows]


async def list_unended(reader: Reader, before_ms: int, limit: int) -> Sequence[Recording]:
    """Return those of all tenants that began before that instant and whose egress has not been seen to end; with them those
    that began by a clock that was set back since: it would take them for new until it comes to that instant again.
    """
    rows = await reader.all(_LIST_UNENDED, before_ms=before_ms, ahead_ms=_AHEAD_MS, limit=limit)
    return [recording_of(row) for row in rows]


async def count_active(reader: Reader, tenant_id: str) -> int:
    row = await reader.find(_COUNT_ACTIVE, tenant_id=tenant_id)
    return int(row["n"]) if row else 0


async def stored_bytes(reader: Reader, tenant_id: str) -> int:
    """Return the bytes of all recordings and clips, those included that are deleted and not purged yet."""
    row = await reader.find(_STORED_BYTES, tenant_id=tenant_id)
    return int(row["n"]) if row else 0


async def count_keys(reader: Reader, tenant_id: str, stem: str) -> int:
    """Return how many keys of the tenant begin with `stem`: recordings of a room that began within one second, and tries to
    begin one that came to nothing.
    """
    row = await reader.find(_COUNT_KEYS, tenant_id=tenant_id, stem=stem, beyond=stem + _LAST_CHAR)
    return int(row["n"]) if row else 0


async def add(tx: Tx, recording: Recording) -> None:
    """Raises `UniqueViolation` if the room has an active recording or the key is taken."""
    await tx.execute(
        _ADD,
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
    )


async def give_up_start(tx: Tx, recording_id: str, error: str, now_ms: int) -> bool:
    """Take a reservation back, unless it is the queue's.

    The row stays, out of sight: should an egress begin for it after all, it is known.
    """
    return await tx.execute(_GIVE_UP, id=recording_id, error=error, now_ms=now_ms) > 0


async def is_given_up(reader: Reader, tenant_id: str, room_id: str, object_key: str) -> bool:
    found = await reader.find(_IS_GIVEN_UP, tenant_id=tenant_id, room_id=room_id, object_key=object_key)
    return found is not None


async def move(
    tx: Tx,
    recording: Recording,
    target: RecordingState,
    *,
    stopped_at_ms: int | None = None,
    due_at_ms: int | None = None,
) -> bool:
    """Return whether the recording was still in the state that `recording` shows, and now is in `target`."""
    changed = await tx.execute(
        _MOVE,
        id=recording.id,
        current=recording.state,
        target=target,
        stopped_at_ms=stopped_at_ms,
        due_at_ms=due_at_ms,
    )
    return changed > 0


async def stop(tx: Tx, recording_id: str, now_ms: int) -> bool:
    """Return whether it was active, in whichever state its events had brought it to, and is stopping now."""
    return await tx.execute(_STOP, id=recording_id, now_ms=now_ms) > 0


async def set_options(tx: Tx, recording_id: str, options: Mapping[str, Any]) -> None:
    """Replace what was asked of the recording, for whatever is still to begin of it."""
    await tx.execute(_OPTIONS, id=recording_id, options=json.dumps(dict(options)))


async def go_on(tx: Tx, recording: Recording) -> bool:
    """Take a stop back, unless it has ended; raises `UniqueViolation` if another recording of the room has begun since."""
    return bool(await tx.execute(_GO_ON, id=recording.id, state=recording.state))


async def fail(
    tx: Tx,
    recording: Recording,
    error_code: str,
    error: str,
    now_ms: int,
    *,
    stopped_at_ms: int | None = None,
) -> bool:
    """Return whether the recording was still in the state that `recording` shows, and now has failed."""
    changed = await tx.execute(
        _FAIL,
        id=recording.id,
        current=recording.state,
        error_code=error_code,
        error=error,
        now_ms=now_ms,
        stopped_at_ms=stopped_at_ms,
    )
    return changed > 0


async def note_file(
    tx: Tx,
    recording_id: str,
    *,
    duration_ms: int | None,
    size_bytes: int | None,
    stopped_at_ms: int | None,
    ended_at_ms: int | None = None,
) -> None:
    """Keep what the recorder says of its file until the store has confirmed it."""
    await tx.execute(
        _FILE,
        id=recording_id,
        duration_ms=duration_ms,
        size_bytes=size_bytes,
        stopped_at_ms=stopped_at_ms,
        ended_at_ms=ended_at_ms,
    )
