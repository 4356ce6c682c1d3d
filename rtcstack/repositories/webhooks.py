"""Endpoints, events and their deliveries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.domain.webhook import Endpoint
from rtcstack.ports.database import Reader, Row, Tx

_ENDPOINT = "SELECT id, tenant_id, url, events, secret, created_at_ms, disabled_at_ms FROM webhook_endpoints"
_LIST = _ENDPOINT + " WHERE tenant_id = :tenant_id AND deleted_at_ms IS NULL ORDER BY created_at_ms, id"
_FIND = _ENDPOINT + " WHERE id = :id"
_ADD = """INSERT INTO webhook_endpoints (id, tenant_id, url, events, secret, created_at_ms)
    VALUES (:id, :tenant_id, :url, :events, :secret, :created_at_ms)"""
_DELETE = """UPDATE webhook_endpoints SET deleted_at_ms = :now_ms
    WHERE tenant_id = :tenant_id AND id = :id AND deleted_at_ms IS NULL"""
_DISABLE = "UPDATE webhook_endpoints SET disabled_at_ms = :now_ms WHERE id = :id AND disabled_at_ms IS NULL"
_DROP_PENDING = """UPDATE deliveries SET state = 'failed', error = :error, lease_until_ms = NULL, fence = fence + 1,
    updated_at_ms = :now_ms
    WHERE endpoint_id = :id AND state = 'pending'"""
_PUT = """INSERT INTO outbox (id, tenant_id, event, room_id, body, created_at_ms)
    VALUES (:id, :tenant_id, :event, :room_id, :body, :now_ms)"""
_QUEUE = """INSERT INTO deliveries (outbox_id, endpoint_id, due_at_ms, updated_at_ms)
    VALUES (:outbox_id, :endpoint_id, :now_ms, :now_ms)"""
_DUE_ENDPOINTS = """SELECT DISTINCT endpoint_id FROM deliveries WHERE state = 'pending' AND due_at_ms <= :now_ms
    AND (lease_until_ms IS NULL OR lease_until_ms < :now_ms) LIMIT :limit"""
_CLAIM = """UPDATE deliveries SET lease_until_ms = :lease_until_ms, fence = fence + 1, updated_at_ms = :now_ms
    WHERE (outbox_id, endpoint_id) IN (SELECT outbox_id, endpoint_id FROM deliveries
        WHERE endpoint_id = :endpoint_id AND state = 'pending' AND due_at_ms <= :now_ms
        AND (lease_until_ms IS NULL OR lease_until_ms < :now_ms) ORDER BY due_at_ms LIMIT :limit)
    RETURNING outbox_id, endpoint_id, attempts, fence"""
_EVENT = "SELECT id, event, body FROM outbox WHERE id = :id"
_RESULT = """UPDATE deliveries SET state = :state, attempts = attempts + 1, due_at_ms = :due_at_ms,
    lease_until_ms = NULL, status_code = :status_code, response = :response, error = :error,
    duration_ms = :duration_ms, updated_at_ms = :now_ms
    WHERE outbox_id = :outbox_id AND endpoint_id = :endpoint_id AND fence = :fence"""


@dataclass(frozen=True)
class Delivery:
    """One claimed try of one event to one endpoint."""

    outbox_id: str
    endpoint_id: str
    attempts: int
    fence: int
    event: str
    body: str


@dataclass(frozen=True)
class Attempt:
    """What came of it; `response` is the first 2 KiB of the answer."""

    status_code: int | None
    response: str
    error: str | None
    duration_ms: int
    retry_after_s: float | None = None


def _endpoint(row: Row) -> Endpoint:
    return Endpoint(**{**dict(row), "events": tuple(json.loads(row["events"]))})


async def list_endpoints(reader: Reader, tenant_id: str) -> Sequence[Endpoint]:
    return [_endpoint(row) for row in await reader.all(_LIST, tenant_id=tenant_id)]


async def find_endpoint(reader: Reader, endpoint_id: str) -> Endpoint | None:
    row = await reader.find(_FIND, id=endpoint_id)
    return _endpoint(row) if row else None


async def add_endpoint(tx: Tx, endpoint: Endpoint) -> None:
    await tx.execute(
        _ADD,
        id=endpoint.id,
        tenant_id=endpoint.tenant_id,
        url=endpoint.url,
        events=json.dumps(endpoint.events),
        secret=endpoint.secret,
        created_at_ms=endpoint.created_at_ms,
    )


async def delete_endpoint(tx: Tx, tenant_id: str, endpoint_id: str, now_ms: int) -> bool:
    """Return whether it was there; what waits for it is given up."""
    if not await tx.execute(_DELETE, tenant_id=tenant_id, id=endpoint_id, now_ms=now_ms):
        return False
    await tx.execute(_DROP_PENDING, id=endpoint_id, error="the endpoint was deleted", now_ms=now_ms)
    return True


async def disable_endpoint(tx: Tx, endpoint_id: str, reason: str, now_ms: int) -> None:
    await tx.execute(_DISABLE, id=endpoint_id, now_ms=now_ms)
    await tx.execute(_DROP_PENDING, id=endpoint_id, error=reason, now_ms=now_ms)


async def put(
    tx: Tx, event_id: str, tenant_id: str, event: str, room_id: str | None, body: str, now_ms: int
) -> int:
    """Keep the event and queue it for every endpoint that subscribes to it; return how many."""
    await tx.execute(
        _PUT, id=event_id, tenant_id=tenant_id, event=event, room_id=room_id, body=body, now_ms=now_ms
    )
    subscribed = [
        e
        for e in await list_endpoints(tx, tenant_id)
        if e.disabled_at_ms is None and (not e.events or event in e.events)
    ]
    for endpoint in subscribed:
        await tx.execute(_QUEUE, outbox_id=event_id, endpoint_id=endpoint.id, now_ms=now_ms)
    return len(subscribed)


async def due_endpoints(reader: Reader, now_ms: int, limit: int) -> Sequence[str]:
    """Return the ids of endpoints for which something is due."""
    return [row["endpoint_id"] for row in await reader.all(_DUE_ENDPOINTS, now_ms=now_ms, limit=limit)]


async def claim(tx: Tx, endpoint_id: str, now_ms: int, lease_until_ms: int, limit: int) -> Sequence[Delivery]:
    """Take up to `limit` deliveries to the endpoint that are due; each holds its own `fence`."""
    rows = await tx.all(
        _CLAIM, endpoint_id=endpoint_id, now_ms=now_ms, lease_until_ms=lease_until_ms, limit=limit
    )
    claimed = []
    for row in rows:
        event = await tx.find(_EVENT, id=row["outbox_id"])
        assert event is not None
        claimed.append(Delivery(**dict(row), event=event["event"], body=event["body"]))
    return claimed


async def record(
    tx: Tx, delivery: Delivery, attempt: Attempt, *, state: str, due_at_ms: int, now_ms: int
) -> bool:
    """Return whether this claim was still the holder."""
    changed = await tx.execute(
        _RESULT,
        outbox_id=delivery.outbox_id,
        endpoint_id=delivery.endpoint_id,
        fence=delivery.fence,
        state=state,
        due_at_ms=due_at_ms,
        status_code=attempt.status_code,
        response=attempt.response,
        error=attempt.error,
        duration_ms=attempt.duration_ms,
        now_ms=now_ms,
    )
    return changed > 0
