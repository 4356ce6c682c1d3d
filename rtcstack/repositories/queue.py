"""Recordings in state `queued`: they hold their room's place and wait for an Egress worker.

While one of them is being begun it is `starting` and has a lease: should the process die, it waits again.
"""

from rtcstack.domain.recording import Recording
from rtcstack.ports.database import Tx
from rtcstack.repositories import recordings

_CLAIM = """UPDATE recordings SET state = 'starting', due_at_ms = NULL, lease_until_ms = :lease_until_ms
    WHERE id = (SELECT id FROM recordings WHERE state = 'queued' AND due_at_ms <= :now_ms
        ORDER BY started_at_ms LIMIT 1)
    RETURNING id"""
_LEASE = """UPDATE recordings SET lease_until_ms = :lease_until_ms
    WHERE id = :id AND state = 'starting' AND egress_id IS NULL"""
_PUT_BACK = """UPDATE recordings SET state = 'queued', due_at_ms = :due_at_ms, lease_until_ms = NULL,
    attempts = attempts + 1 WHERE id = :id AND state = 'starting' AND egress_id IS NULL"""
_PUT_BACK_ABANDONED = _PUT_BACK + " AND lease_until_ms <= :now_ms"


async def claim(tx: Tx, now_ms: int, lease_until_ms: int) -> Recording | None:
    """Take the one that is due and has waited longest; it is `starting` now."""
    row = await tx.find(_CLAIM, now_ms=now_ms, lease_until_ms=lease_until_ms)
    return await recordings.find(tx, row["id"]) if row else None


async def lease(tx: Tx, recording_id: str, lease_until_ms: int) -> None:
    """Make a reserved recording the queue's, as if it had just been claimed."""
    await tx.execute(_LEASE, id=recording_id, lease_until_ms=lease_until_ms)


async def put_back(tx: Tx, recording_id: str, due_at_ms: int) -> None:
    """Let it wait until then."""
    await tx.execute(_PUT_BACK, id=recording_id, due_at_ms=due_at_ms)


async def put_back_abandoned(tx: Tx, recording_id: str, now_ms: int) -> bool:
    """Return whether its lease was over, and it waits again."""
    return await tx.execute(_PUT_BACK_ABANDONED, id=recording_id, due_at_ms=now_ms, now_ms=now_ms) > 0
