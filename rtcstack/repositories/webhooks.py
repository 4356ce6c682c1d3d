"""Customers' endpoints, and how they fare."""

import json
from collections.abc import Sequence

from rtcstack.domain.delivery import Health
from rtcstack.domain.webhook import Endpoint
from rtcstack.ports.database import Reader, Row, Tx

COLUMNS = """id, tenant_id, url, events, rooms, secret, created_at_ms, updated_at_ms, paused_at_ms, disabled_at_ms,
    disabled_reason, old_secret, rotation_until_ms, failures, failing_since_ms, failed_at_ms, held_until_ms,
    begun_anew_at_ms"""
_SELECT = f"SELECT {COLUMNS} FROM webhook_endpoints WHERE deleted_at_ms IS NULL"  # noqa: S608  # our own constant
_LIST = _SELECT + " AND tenant_id = :tenant_id ORDER BY created_at_ms, id"
_FIND = _SELECT + " AND tenant_id = :tenant_id AND id = :id"
_LIVE = _SELECT + " AND id = :id AND disabled_at_ms IS NULL"
_ADD = """INSERT INTO webhook_endpoints (id, tenant_id, url, events, rooms, secret, created_at_ms, updated_at_ms)
    VALUES (:id, :tenant_id, :url, :events, :rooms, :secret, :created_at_ms, :created_at_ms)"""
_CHANGE = """UPDATE webhook_endpoints SET url = :url, events = :events, rooms = :rooms, paused_at_ms = :paused_at_ms,
    disabled_at_ms = :disabled_at_ms, disabled_reason = :disabled_reason, failures = :failures,
    failing_since_ms = :failing_since_ms, failed_at_ms = :failed_at_ms, held_until_ms = :held_until_ms,
    updated_at_ms = :updated_at_ms WHERE id = :id"""
_ROTATE = """UPDATE webhook_endpoints SET secret = :secret, old_secret = :old_secret,
    rotation_until_ms = :until_ms, updated_at_ms = :now_ms
    WHERE id = :id AND secret = :was AND deleted_at_ms IS NULL"""
_DELETE = """UPDATE webhook_endpoints SET deleted_at_ms = :now_ms
    WHERE tenant_id = :tenant_id AND id = :id AND deleted_at_ms IS NULL"""
_DISABLE = """UPDATE webhook_endpoints SET disabled_at_ms = :now_ms, disabled_reason = :reason, updated_at_ms = :now_ms
    WHERE id = :id AND disabled_at_ms IS NULL"""
_HEALTH = """UPDATE webhook_endpoints SET failures = :failures, failing_since_ms = :failing_since_ms,
    failed_at_ms = :failed_at_ms, held_until_ms = :held_until_ms WHERE id = :id"""
_BEGIN_ANEW = "UPDATE webhook_endpoints SET begun_anew_at_ms = :now_ms WHERE id = :id"
_HURRIED = "UPDATE webhook_endpoints SET hurried_at_ms = :now_ms WHERE id = :id"
_ALL_HURRIED = "UPDATE webhook_endpoints SET hurried_at_ms = NULL WHERE id = :id AND hurried_at_ms = :at_ms"
_LIST_HURRIED = "SELECT id, hurried_at_ms FROM webhook_endpoints WHERE hurried_at_ms IS NOT NULL"
_FORGET_OLD_SECRETS = """UPDATE webhook_endpoints SET old_secret = NULL, rotation_until_ms = NULL
    WHERE rotation_until_ms <= :now_ms"""
_FORGET_DELETED = """DELETE FROM webhook_endpoints WHERE deleted_at_ms IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = webhook_endpoints.id)"""


def endpoint_of(row: Row) -> Endpoint:
    lists = {name: tuple(json.loads(row[name])) for name in ("events", "rooms")}
    return Endpoint(**{**dict(row), **lists})


def health_of(endpoint: Endpoint) -> Health:
    return Health(endpoint.failures, endpoint.failing_since_ms, endpoint.failed_at_ms, endpoint.held_until_ms)


async def list_endpoints(reader: Reader, tenant_id: str) -> Sequence[Endpoint]:
    return [endpoint_of(row) for row in await reader.all(_LIST, tenant_id=tenant_id)]


async def find_endpoint(reader: Reader, tenant_id: str, endpoint_id: str) -> Endpoint | None:
    row = await reader.find(_FIND, tenant_id=tenant_id, id=endpoint_id)
    return endpoint_of(row) if row else None


async def find_live(reader: Reader, endpoint_id: str) -> Endpoint | None:
    """Return the endpoint, whosever it is, unless it was deleted or disabled."""
    row = await reader.find(_LIVE, id=endpoint_id)
    return endpoint_of(row) if row else None


async def add_endpoint(tx: Tx, endpoint: Endpoint) -> None:
    await tx.execute(
        _ADD,
        id=endpoint.id,
        tenant_id=endpoint.tenant_id,
        url=endpoint.url,
        events=json.dumps(endpoint.events),
        rooms=json.dumps(endpoint.rooms),
        secret=endpoint.secret,
        created_at_ms=endpoint.created_at_ms,
    )


async def change_endpoint(tx: Tx, endpoint: Endpoint) -> None:
    """Give the row everything that a customer may change, and how it fares."""
    await tx.execute(
        _CHANGE,
        id=endpoint.id,
        url=endpoint.url,
        events=json.dumps(endpoint.events),
        rooms=json.dumps(endpoint.rooms),
        paused_at_ms=endpoint.paused_at_ms,
        disabled_at_ms=endpoint.disabled_at_ms,
        disabled_reason=endpoint.disabled_reason,
        failures=endpoint.failures,
        failing_since_ms=endpoint.failing_since_ms,
        failed_at_ms=endpoint.failed_at_ms,
        held_until_ms=endpoint.held_until_ms,
        updated_at_ms=endpoint.updated_at_ms,
    )


async def rotate_secret(
    tx: Tx, endpoint: Endpoint, *, secret: str, old_secret: str, until_ms: int, now_ms: int
) -> bool:
    """Return whether the row still had the secret that `endpoint` says. All three are sealed."""
    changed = await tx.execute(
        _ROTATE,
        id=endpoint.id,
        was=endpoint.secret,
        secret=secret,
        old_secret=old_secret,
        until_ms=until_ms,
        now_ms=now_ms,
    )
    return changed > 0


async def delete_endpoint(tx: Tx, tenant_id: str, endpoint_id: str, now_ms: int) -> bool:
    """Return whether it was there."""
    return await tx.execute(_DELETE, tenant_id=tenant_id, id=endpoint_id, now_ms=now_ms) > 0


async def disable_endpoint(tx: Tx, endpoint_id: str, reason: str, now_ms: int) -> bool:
    """Return whether it was not disabled yet."""
    return await tx.execute(_DISABLE, id=endpoint_id, reason=reason, now_ms=now_ms) > 0


async def note_health(tx: Tx, endpoint_id: str, health: Health) -> None:
    await tx.execute(
        _HEALTH,
        id=endpoint_id,
        failures=health.failures,
        failing_since_ms=health.failing_since_ms,
        failed_at_ms=health.failed_at_ms,
        held_until_ms=health.held_until_ms,
    )


async def note_begun_anew(tx: Tx, endpoint_id: str, now_ms: int) -> None:
    """What waits for the endpoint counts as queued now at the earliest."""
    await tx.execute(_BEGIN_ANEW, id=endpoint_id, now_ms=now_ms)


async def note_hurried(tx: Tx, endpoint_id: str, now_ms: int) -> None:
    """Keep that everything which waited for the endpoint until then is due, although some of it does not say so yet."""
    await tx.execute(_HURRIED, id=endpoint_id, now_ms=now_ms)


async def note_all_hurried(tx: Tx, endpoint_id: str, hurried_at_ms: int) -> None:
    """Keep that all of it says so."""
    await tx.execute(_ALL_HURRIED, id=endpoint_id, at_ms=hurried_at_ms)


async def list_hurried(reader: Reader) -> Sequence[tuple[str, int]]:
    """Return for which endpoints some does not, and since when it is due."""
    return [(row["id"], row["hurried_at_ms"]) for row in await reader.all(_LIST_HURRIED)]


async def forget(tx: Tx, now_ms: int) -> None:
    """Drop secrets whose time is over, and deleted endpoints that no delivery names any more."""
    await tx.execute(_FORGET_OLD_SECRETS, now_ms=now_ms)
    await tx.execute(_FORGET_DELETED)
