"""What is due at an instant, or held until one, when this machine's clock was set back and the instant is far off again."""

from rtcstack.domain.delivery import LONGEST_HOLD_MS
from rtcstack.ports.database import Reader, Tx

_LATEST = """SELECT max(at_ms) AS at_ms FROM (
    SELECT (SELECT created_at_ms FROM outbox ORDER BY seq DESC LIMIT 1) AS at_ms
    UNION ALL SELECT (SELECT received_at_ms FROM inbox ORDER BY seq DESC LIMIT 1))"""
_DUE = (
    "UPDATE jobs SET due_at_ms = :now_ms WHERE state = 'pending' AND due_at_ms > :now_ms",
    "UPDATE inbox SET due_at_ms = :now_ms WHERE processed_at_ms IS NULL AND due_at_ms > :now_ms",
    "UPDATE recordings SET due_at_ms = :now_ms WHERE state IN ('queued', 'processing') AND due_at_ms > :now_ms",
    "UPDATE reconcile_checks SET due_at_ms = :now_ms WHERE due_at_ms > :now_ms",
)
_LEASES = (
    "UPDATE jobs SET lease_until_ms = :until_ms WHERE state = 'pending' AND lease_until_ms > :until_ms",
    "UPDATE recordings SET lease_until_ms = :until_ms WHERE state IN ('queued', 'processing') AND lease_until_ms > :until_ms",
    "UPDATE reconcile_checks SET lease_until_ms = :until_ms WHERE lease_until_ms > :until_ms",
)
_DELIVERIES = (
    "UPDATE deliveries SET lease_until_ms = :until_ms WHERE state = 'pending' AND lease_until_ms > :until_ms"
)
_STARTS = (
    "UPDATE recordings SET lease_until_ms = :until_ms WHERE state = 'starting' AND lease_until_ms > :until_ms"
)
_HURRY = """UPDATE webhook_endpoints SET hurried_at_ms = :was_ms WHERE deleted_at_ms IS NULL AND disabled_at_ms IS NULL"""
_HOLDS = """UPDATE webhook_endpoints SET held_until_ms = min(held_until_ms - :back_ms, :until_ms)
    WHERE held_until_ms > :now_ms"""
_BEGUN = (
    "UPDATE webhook_endpoints SET begun_anew_at_ms = :now_ms WHERE begun_anew_at_ms > :now_ms",
    "UPDATE webhook_endpoints SET failing_since_ms = :now_ms WHERE failing_since_ms > :now_ms",
)
_LONGEST_LEASE_MS, _LONGEST_START_MS = 60_000, 300_000


async def latest(reader: Reader) -> int | None:
    """Return when the newest event was noted; None if there is none."""
    row = await reader.find(_LATEST)
    return row["at_ms"] if row else None


async def bring_forward(
    tx: Tx, was_ms: int, now_ms: int, *, has_seen_it: bool, delivery_lease_ms: int
) -> None:
    """Make due what was due after `now_ms`, though the clock had come to `was_ms` already; deliveries a batch at a time.

    Leases end within a minute, those of starts within five, those of deliveries when they are over anyhow: they may be those of a
    process that died. Endpoints are left alone for as
    long as they asked for; where nobody saw the clock being set back, for no longer than any may ask for, as this may be done again.
    """
    for sql in (*_DUE, *_BEGUN):
        await tx.execute(sql, now_ms=now_ms)
    for sql in _LEASES:
        await tx.execute(sql, until_ms=now_ms + _LONGEST_LEASE_MS)
    await tx.execute(_DELIVERIES, until_ms=now_ms + max(_LONGEST_LEASE_MS, delivery_lease_ms))
    await tx.execute(_STARTS, until_ms=now_ms + _LONGEST_START_MS)
    back_ms = was_ms - now_ms if has_seen_it else 0
    await tx.execute(_HOLDS, now_ms=now_ms, back_ms=back_ms, until_ms=now_ms + LONGEST_HOLD_MS)
    await tx.execute(_HURRY, was_ms=was_ms)
