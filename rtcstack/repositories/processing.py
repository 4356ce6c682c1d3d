"""Recordings in state `processing`: claimed with a lease and a fence, confirmed or put off."""

import json
from collections.abc import Mapping

from rtcstack.domain.recording import Recording
from rtcstack.ports.database import Tx
from rtcstack.repositories import recordings

_CLAIM = """UPDATE recordings SET lease_until_ms = :lease_until_ms, fence = fence + 1
    WHERE id = (SELECT id FROM recordings WHERE state = 'processing' AND due_at_ms <= :now_ms
        AND (lease_until_ms IS NULL OR lease_until_ms < :now_ms) ORDER BY due_at_ms LIMIT 1)
    RETURNING id"""
_CLAIM_ONE = """UPDATE recordings SET lease_until_ms = :lease_until_ms, fence = fence + 1
    WHERE id = :id AND state = 'processing' AND (lease_until_ms IS NULL OR lease_until_ms < :now_ms)"""
_MAKE_DUE = "UPDATE recordings SET due_at_ms = :now_ms WHERE id = :id AND state = 'processing'"
_RETRY = """UPDATE recordings SET due_at_ms = :due_at_ms, attempts = attempts + 1, missing = :missing, lease_until_ms = NULL,
    error = :error WHERE id = :id AND state = 'processing' AND fence = :fence"""
_HOLD = (
    "UPDATE recordings SET lease_until_ms = NULL WHERE id = :id AND state = 'processing' AND fence = :fence"
)
_READY = """UPDATE recordings SET state = 'ready', size_bytes = :size_bytes, duration_ms = :duration_ms,
    checksum = :checksum, streams = :streams, completed_at_ms = :now_ms, due_at_ms = NULL, lease_until_ms = NULL,
    upload_waits = NULL
    WHERE id = :id AND state = 'processing' AND fence = :fence"""


async def claim(tx: Tx, now_ms: int, lease_until_ms: int) -> Recording | None:
    """Take the next recording whose file waits to be confirmed; its `fence` is this claim's."""
    row = await tx.find(_CLAIM, now_ms=now_ms, lease_until_ms=lease_until_ms)
    return await recordings.find(tx, row["id"]) if row else None


async def claim_one(tx: Tx, recording_id: str, now_ms: int, lease_until_ms: int) -> Recording | None:
    """Take this one, due or not; None if it is not in processing or another has it."""
    if not await tx.execute(_CLAIM_ONE, id=recording_id, now_ms=now_ms, lease_until_ms=lease_until_ms):
        return None
    return await recordings.find(tx, recording_id)


async def make_due(tx: Tx, recording_id: str, now_ms: int) -> None:
    await tx.execute(_MAKE_DUE, id=recording_id, now_ms=now_ms)


async def put_off(tx: Tx, recording: Recording, due_at_ms: int, error: str, *, missing: int = 0) -> None:
    """`missing` is how often in a row the store has said by now that it does not have the object."""
    await tx.execute(
        _RETRY, id=recording.id, fence=recording.fence, due_at_ms=due_at_ms, error=error, missing=missing
    )


async def fail(tx: Tx, recording: Recording, code: str, text: str, now_ms: int) -> bool:
    """Return whether this claim was still the holder and the recording has failed now."""
    is_held = await tx.execute(_HOLD, id=recording.id, fence=recording.fence) > 0
    return is_held and await recordings.fail(tx, recording, code, text, now_ms)


async def ready(
    tx: Tx,
    recording: Recording,
    *,
    size_bytes: int,
    duration_ms: int,
    checksum: str | None,
    streams: Mapping[str, str],
    now_ms: int,
) -> bool:
    """Return whether this claim was still the holder and the recording is ready now."""
    changed = await tx.execute(
        _READY,
        id=recording.id,
        fence=recording.fence,
        size_bytes=size_bytes,
        duration_ms=duration_ms,
        checksum=checksum,
        streams=json.dumps(dict(streams)),
        now_ms=now_ms,
    )
    return changed > 0
