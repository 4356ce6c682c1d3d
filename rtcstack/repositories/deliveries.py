"""Deliveries: one row for an event and an endpoint. Only the holder of the last claim, by its fence, notes what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.domain.delivery import DeliveryState
from rtcstack.domain.event import DeliveryReport
from rtcstack.domain.webhook import Endpoint
from rtcstack.ports.database import Reader, Tx
from rtcstack.repositories.rows import values
from rtcstack.repositories.webhooks import COLUMNS, endpoint_of

_FREE = "(lease_until_ms IS NULL OR lease_until_ms < :now_ms)"
_DUE = f"state = 'pending' AND due_at_ms <= :now_ms AND {_FREE}"
_WAITED_FOR = """WITH RECURSIVE waiting (endpoint_id) AS (
        SELECT min(endpoint_id) FROM deliveries WHERE state = 'pending'
        UNION ALL SELECT (SELECT min(endpoint_id) FROM deliveries
            WHERE state = 'pending' AND endpoint_id > waiting.endpoint_id)
            FROM waiting WHERE waiting.endpoint_id IS NOT NULL)"""
_DUE_ENDPOINTS = f"""{_WAITED_FOR}
    SELECT {COLUMNS} FROM waiting JOIN webhook_endpoints ON webhook_endpoints.id = waiting.endpoint_id
    WHERE deleted_at_ms IS NULL AND paused_at_ms IS NULL AND disabled_at_ms IS NULL
        AND (held_until_ms IS NULL OR held_until_ms <= :now_ms)
        AND EXISTS (SELECT 1 FROM deliveries WHERE deliveries.endpoint_id = webhook_endpoints.id AND {_DUE})"""  # noqa: S608  # our own constants
_WANTS_NOTHING = f"""{_WAITED_FOR}
    SELECT id, CASE WHEN deleted_at_ms IS NULL THEN disabled_reason END AS reason
    FROM waiting JOIN webhook_endpoints ON webhook_endpoints.id = waiting.endpoint_id
    WHERE deleted_at_ms IS NOT NULL OR disabled_at_ms IS NOT NULL"""  # noqa: S608  # the same
_CLAIM = f"""UPDATE deliveries SET lease_until_ms = :lease_until_ms, fence = fence + 1,
        queued_at_ms = CASE WHEN queued_at_ms < :begun_ms THEN :begun_ms ELSE queued_at_ms END
    WHERE endpoint_id = :endpoint_id AND EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = :endpoint_id
            AND deleted_at_ms IS NULL AND paused_at_ms IS NULL AND disabled_at_ms IS NULL)
        AND outbox_id IN (SELECT outbox_id FROM deliveries
            WHERE endpoint_id = :endpoint_id AND {_DUE} ORDER BY due_at_ms, outbox_id LIMIT :limit)
    RETURNING outbox_id, endpoint_id, attempts, fence, queued_at_ms"""  # noqa: S608  # the same
_CLAIM_ONE = """UPDATE deliveries SET lease_until_ms = :lease_until_ms, fence = fence + 1
    WHERE endpoint_id = :endpoint_id AND outbox_id = :outbox_id
    RETURNING outbox_id, endpoint_id, attempts, fence, queued_at_ms"""
_BODIES = "SELECT id, event, body FROM outbox WHERE id IN ({})"
_QUEUE = """INSERT INTO deliveries (outbox_id, endpoint_id, due_at_ms, queued_at_ms, updated_at_ms) VALUES {}
    ON CONFLICT (outbox_id, endpoint_id) DO UPDATE SET state = 'pending', due_at_ms = excluded.due_at_ms,
        queued_at_ms = excluded.queued_at_ms, updated_at_ms = excluded.updated_at_ms,
        attempts = CASE WHEN deliveries.state = 'pending' THEN deliveries.attempts ELSE 0 END
    WHERE deliveries.state <> 'delivered' OR :with_delivered = 1 RETURNING outbox_id"""
_RECORD = """WITH results (outbox_id, endpoint_id, fence, state, due_at_ms, status_code, response, error, duration_ms,
        sent_at_ms, signature, now_ms) AS (VALUES {})
    UPDATE deliveries SET state = results.state, attempts = attempts + 1, due_at_ms = results.due_at_ms,
        lease_until_ms = NULL, status_code = results.status_code, response = results.response,
        error = results.error, duration_ms = results.duration_ms, sent_at_ms = results.sent_at_ms,
        signature = results.signature, updated_at_ms = results.now_ms
    FROM results WHERE deliveries.outbox_id = results.outbox_id AND deliveries.endpoint_id = results.endpoint_id
        AND deliveries.fence = results.fence
    RETURNING outbox_id, endpoint_id"""
_UNDER_WAY = """SELECT count(*) AS n FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'pending'
    AND lease_until_ms >= :now_ms AND outbox_id IN (SELECT id FROM outbox
        WHERE tenant_id = :tenant_id AND event = :event ORDER BY seq DESC LIMIT :latest)"""
_LATEST = 1_000
_RELEASE = """UPDATE deliveries SET lease_until_ms = NULL
    WHERE outbox_id = :outbox_id AND endpoint_id = :endpoint_id AND fence = :fence"""
_HURRY = """UPDATE deliveries SET due_at_ms = :now_ms WHERE endpoint_id = :endpoint_id
    AND outbox_id IN (SELECT outbox_id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'pending'
        AND due_at_ms > :now_ms AND updated_at_ms <= :tried_before_ms ORDER BY due_at_ms, outbox_id LIMIT :limit)"""
_DROP = f"""UPDATE deliveries SET state = 'failed', error = :error, lease_until_ms = NULL, fence = fence + 1,
    updated_at_ms = :now_ms WHERE endpoint_id = :endpoint_id
    AND outbox_id IN (SELECT outbox_id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'pending'
        AND (:with_claimed = 1 OR {_FREE}) ORDER BY due_at_ms, outbox_id LIMIT :limit)
    AND EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = :endpoint_id
        AND (deleted_at_ms IS NOT NULL OR disabled_at_ms IS NOT NULL))"""  # noqa: S608  # the same
_PAGE = """SELECT d.outbox_id, o.event, o.room_id, o.body, o.created_at_ms, d.state, d.attempts, d.due_at_ms, d.sent_at_ms,
        d.status_code, d.duration_ms, d.response, d.error, d.signature
    FROM deliveries d JOIN outbox o ON o.id = d.outbox_id WHERE d.endpoint_id = :endpoint_id"""
DELETED = "the endpoint was deleted"
BATCH = 2_000
"""Of what waits for an endpoint so much is changed in one transaction: nobody else who writes waits for long."""


@dataclass(frozen=True)
class Delivery:
    """One claimed try of one event to one endpoint."""

    outbox_id: str
    endpoint_id: str
    attempts: int
    fence: int
    queued_at_ms: int
    event: str
    body: str


@dataclass(frozen=True)
class Result:
    """What a try came to. `due_at_ms` is when the next one is, if it is pending still."""

    delivery: Delivery
    state: DeliveryState
    due_at_ms: int
    status_code: int | None
    response: str
    error: str | None
    duration_ms: int
    sent_at_ms: int
    signature: str


async def queue(
    tx: Tx, pairs: Sequence[tuple[str, str]], now_ms: int, *, with_delivered: bool = False
) -> int:
    """Make (event, endpoint) pairs due now, as if they had just been put; return how many.

    One that is on its way stays so. One that was delivered stays so too, unless it is to go again.
    """
    if not pairs:
        return 0
    text, given = values([(*pair, now_ms, now_ms, now_ms) for pair in pairs])
    return len(await tx.all(_QUEUE.format(text), with_delivered=int(with_delivered), **given))


async def due_endpoints(reader: Reader, now_ms: int) -> Sequence[Endpoint]:
    """Return the endpoints for which something is due and that may be sent to."""
    return [endpoint_of(row) for row in await reader.all(_DUE_ENDPOINTS, now_ms=now_ms)]


async def claim(
    tx: Tx, endpoint: Endpoint, now_ms: int, lease_until_ms: int, limit: int
) -> Sequence[Delivery]:
    """Take up to `limit` deliveries to the endpoint that are due, the longest due first; each holds its own `fence`.

    There are none if it was paused, disabled or deleted meanwhile.
    """
    rows = await tx.all(
        _CLAIM,
        endpoint_id=endpoint.id,
        now_ms=now_ms,
        begun_ms=endpoint.begun_anew_at_ms or 0,
        lease_until_ms=lease_until_ms,
        limit=limit,
    )
    if not rows:
        return []
    names = {f"id_{n}": row["outbox_id"] for n, row in enumerate(rows)}
    found = await tx.all(_BODIES.format(", ".join(f":{name}" for name in names)), **names)
    bodies = {row["id"]: row for row in found}
    return [
        Delivery(**dict(row), event=bodies[row["outbox_id"]]["event"], body=bodies[row["outbox_id"]]["body"])
        for row in sorted(rows, key=lambda row: str(row["outbox_id"]))
    ]


async def count_under_way(reader: Reader, endpoint: Endpoint, event: str, now_ms: int) -> int:
    """Return how many of the tenant's latest events of that name are on their way to the endpoint."""
    row = await reader.find(
        _UNDER_WAY,
        endpoint_id=endpoint.id,
        tenant_id=endpoint.tenant_id,
        event=event,
        now_ms=now_ms,
        latest=_LATEST,
    )
    assert row is not None
    return int(row["n"])


async def claim_one(
    tx: Tx, outbox_id: str, endpoint_id: str, event: str, body: str, lease_until_ms: int
) -> Delivery:
    """Take one that is there."""
    row = await tx.find(
        _CLAIM_ONE, outbox_id=outbox_id, endpoint_id=endpoint_id, lease_until_ms=lease_until_ms
    )
    assert row is not None
    return Delivery(**dict(row), event=event, body=body)


async def record_all(tx: Tx, results: Sequence[Result], now_ms: int) -> Sequence[bool]:
    """Note what came of the tries; return, for each, whether its claim was still the holder."""
    text, given = values(
        [
            (
                *(r.delivery.outbox_id, r.delivery.endpoint_id, r.delivery.fence, r.state, r.due_at_ms),
                *(r.status_code, r.response, r.error, r.duration_ms, r.sent_at_ms, r.signature, now_ms),
            )
            for r in results
        ]
    )
    noted = {(row["outbox_id"], row["endpoint_id"]) for row in await tx.all(_RECORD.format(text), **given)}
    return [(r.delivery.outbox_id, r.delivery.endpoint_id) in noted for r in results]


async def release(tx: Tx, delivery: Delivery) -> None:
    """Let go of a claim: anybody may take the delivery at once."""
    await tx.execute(
        _RELEASE, outbox_id=delivery.outbox_id, endpoint_id=delivery.endpoint_id, fence=delivery.fence
    )


async def hurry(tx: Tx, endpoint_id: str, now_ms: int, tried_before_ms: int) -> bool:
    """Make due what waits for the endpoint and was not tried since, a batch of it; return whether there may be more."""
    hurried = await tx.execute(
        _HURRY, endpoint_id=endpoint_id, now_ms=now_ms, tried_before_ms=tried_before_ms, limit=BATCH
    )
    return hurried == BATCH


async def drop_pending(
    tx: Tx, endpoint_id: str, error: str, now_ms: int, *, with_claimed: bool = False
) -> bool:
    """Give up what waits for the endpoint, a batch of it, what is under way only `with_claimed`: whoever holds a claim on that
    can note nothing any more. Return whether there may be more. Nothing happens to one that is neither disabled nor deleted.
    """
    dropped = await tx.execute(
        _DROP,
        endpoint_id=endpoint_id,
        error=error,
        now_ms=now_ms,
        with_claimed=int(with_claimed),
        limit=BATCH,
    )
    return dropped == BATCH


async def list_wanting_nothing(reader: Reader) -> Sequence[tuple[str, str]]:
    """Return the endpoints, deleted or disabled, for which something waits all the same, and why that is given up."""
    rows = await reader.all(_WANTS_NOTHING)
    return [(row["id"], row["reason"] or DELETED) for row in rows]


async def page(
    reader: Reader, endpoint_id: str, *, state: str | None, before: str | None, limit: int
) -> Sequence[DeliveryReport]:
    """Return the endpoint's deliveries, newest event first, those before the event `before`."""
    sql, given = _PAGE, {"endpoint_id": endpoint_id, "limit": limit}
    for clause, name, value in (
        ("d.state = :state", "state", state),
        ("d.outbox_id < :before", "before", before),
    ):
        if value is not None:
            sql += f" AND {clause}"
            given[name] = value
    rows = await reader.all(f"{sql} ORDER BY d.outbox_id DESC LIMIT :limit", **given)
    return [DeliveryReport(**dict(row)) for row in rows]


async def find(reader: Reader, endpoint_id: str, outbox_id: str) -> DeliveryReport | None:
    row = await reader.find(
        f"{_PAGE} AND d.outbox_id = :outbox_id", endpoint_id=endpoint_id, outbox_id=outbox_id
    )
    return DeliveryReport(**dict(row)) if row else None
