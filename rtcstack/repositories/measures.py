"""What `/metrics` reads of the database: sums that are kept, and what a partial index holds; never a walk over a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rtcstack.ports.database import Reader, Row

_STATES = "SELECT state, sum(n) AS n FROM recording_state_days GROUP BY state"
_BYTES = "SELECT coalesce(sum(bytes), 0) AS n FROM recording_days"
_NOW = """SELECT
    (SELECT min(started_at_ms) FROM recordings WHERE state = 'queued') AS queued_at_ms,
    (SELECT min(coalesce(stopped_at_ms, started_at_ms)) FROM recordings
        WHERE state = 'processing') AS processing_at_ms,
    (SELECT count(*) FROM recordings WHERE state IN ('starting', 'recording', 'paused', 'stopping')
        AND upload_waits IS NOT NULL) AS uploads_waiting,
    (SELECT count(*) FROM participants WHERE left_at_ms IS NULL) AS participants,
    (SELECT count(*) FROM (SELECT DISTINCT tenant_id, room_id FROM participants WHERE left_at_ms IS NULL))
        AS rooms_occupied,
    (SELECT count(*) FROM inbox WHERE processed_at_ms IS NULL) AS inbox_waiting,
    (SELECT received_at_ms FROM inbox WHERE processed_at_ms IS NULL ORDER BY seq LIMIT 1) AS inbox_at_ms,
    (SELECT count(*) FROM deliveries WHERE state = 'pending') AS deliveries_pending,
    (SELECT min(first) FROM (SELECT (SELECT min(due_at_ms) FROM deliveries
            WHERE endpoint_id = webhook_endpoints.id AND state = 'pending') AS first
        FROM webhook_endpoints WHERE paused_at_ms IS NULL AND disabled_at_ms IS NULL AND deleted_at_ms IS NULL))
        AS delivery_due_at_ms,
    (SELECT count(*) FROM reconcile_checks WHERE error IS NOT NULL) AS checks_failing,
    (SELECT min(ended_at_ms) FROM reconcile_checks) AS looked_at_ms"""
_ENDPOINTS = """SELECT CASE WHEN disabled_at_ms IS NOT NULL THEN 'disabled' WHEN paused_at_ms IS NOT NULL THEN 'paused'
        WHEN failures > 0 THEN 'failing' ELSE 'ok' END AS state, count(*) AS n
    FROM webhook_endpoints WHERE deleted_at_ms IS NULL GROUP BY 1"""
_JOBS = """SELECT kind, sum(coalesce(lease_until_ms, 0) >= :now_ms) AS running, count(*) AS n, min(due_at_ms) AS due_at_ms
    FROM jobs WHERE state = 'pending' GROUP BY kind"""
_FINDINGS = "SELECT kind, count(*) AS n FROM reconcile_findings GROUP BY kind"
_LAST_EVENT = "SELECT coalesce(max(seq), 0) AS seq FROM outbox"
_EVENTS = "SELECT seq, event, body FROM outbox WHERE seq > :after ORDER BY seq LIMIT :limit"
_REASONS = "SELECT coalesce(error_code, 'unknown') AS reason FROM recordings WHERE id = :id"


@dataclass(frozen=True)
class Told:
    """An event in the outbox."""

    seq: int
    event: str
    body: str


async def totals(reader: Reader) -> Mapping[str, int]:
    """Return how many recordings there are in each state."""
    return {row["state"]: row["n"] for row in await reader.all(_STATES)}


async def stored_bytes(reader: Reader) -> int:
    row = await reader.find(_BYTES)
    return int(row["n"]) if row else 0


async def now(reader: Reader) -> Row:
    """Return what waits, and since when: null where nothing does."""
    row = await reader.find(_NOW)
    assert row is not None
    return row


async def endpoints(reader: Reader) -> Mapping[str, int]:
    return {row["state"]: row["n"] for row in await reader.all(_ENDPOINTS)}


async def jobs(reader: Reader, now_ms: int) -> Sequence[Row]:
    """Return of each kind how many are not done, how many of them run, and when the oldest was due."""
    return await reader.all(_JOBS, now_ms=now_ms)


async def findings(reader: Reader) -> Mapping[str, int]:
    return {row["kind"]: row["n"] for row in await reader.all(_FINDINGS)}


async def last_event(reader: Reader) -> int:
    row = await reader.find(_LAST_EVENT)
    return int(row["seq"]) if row else 0


async def events_after(reader: Reader, seq: int, limit: int) -> Sequence[Told]:
    return [Told(**dict(row)) for row in await reader.all(_EVENTS, after=seq, limit=limit)]


async def reason_of(reader: Reader, recording_id: str) -> str:
    """Return the code of the reason for which a recording failed."""
    row = await reader.look_up(_REASONS, id=recording_id)
    return str(row["reason"]) if row else "unknown"
