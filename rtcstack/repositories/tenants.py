from collections.abc import Sequence

from rtcstack.domain.api_key import ApiKey, Scope
from rtcstack.domain.tenant import Tenant
from rtcstack.errors import NotFound
from rtcstack.ports.database import Reader, Row, Tx

_ADD_TENANT = """INSERT INTO tenants (id, plan, created_at_ms) VALUES (:id, :plan, :now_ms) ON CONFLICT (id) DO NOTHING"""
_TENANT_PLAN = "SELECT plan FROM tenants WHERE id = :id"
_LIST_TENANTS = "SELECT id, plan, created_at_ms, deleted_retention_days FROM tenants ORDER BY id"
_SET_PLAN = "UPDATE tenants SET plan = :plan WHERE id = :id"
_SET_RETENTION = "UPDATE tenants SET deleted_retention_days = :days WHERE id = :id"
_ADD_KEY = """INSERT INTO api_keys (id, tenant_id, secret_hash, scope, is_operator, created_at_ms, name)
    VALUES (:id, :tenant_id, :secret_hash, :scope, :is_operator, :created_at_ms, :name)"""
_KEY = (
    "SELECT id, tenant_id, scope, is_operator, created_at_ms, revoked_at_ms, name, secret_hash FROM api_keys"
)
_FIND_KEY = _KEY + " WHERE id = :id"
_LIST_KEYS = _KEY + " ORDER BY tenant_id, created_at_ms"
_REVOKE = "UPDATE api_keys SET revoked_at_ms = :now_ms WHERE id = :id AND revoked_at_ms IS NULL"


def _key(row: Row) -> ApiKey:
    return ApiKey(
        id=row["id"],
        tenant_id=row["tenant_id"],
        scope=Scope(row["scope"]),
        created_at_ms=row["created_at_ms"],
        is_operator=bool(row["is_operator"]),
        revoked_at_ms=row["revoked_at_ms"],
        name=row["name"],
    )


async def add_tenant(tx: Tx, tenant_id: str, plan: str, now_ms: int) -> bool:
    """Make the tenant unless it is there; return whether it was made now."""
    return await tx.execute(_ADD_TENANT, id=tenant_id, plan=plan, now_ms=now_ms) > 0


async def plan_of(reader: Reader, tenant_id: str) -> str:
    """Raises `NotFound` (`tenant_not_found`)."""
    row = await reader.find(_TENANT_PLAN, id=tenant_id)
    if row is None:
        raise NotFound(f"There is no tenant {tenant_id}.", code="tenant_not_found")
    return str(row["plan"])


async def list_tenants(reader: Reader) -> Sequence[Tenant]:
    return [Tenant(**dict(row)) for row in await reader.all(_LIST_TENANTS)]


async def set_plan(tx: Tx, tenant_id: str, plan: str) -> bool:
    """Return whether there is such a tenant."""
    return await tx.execute(_SET_PLAN, id=tenant_id, plan=plan) > 0


async def set_retention(tx: Tx, tenant_id: str, days: int | None) -> bool:
    """Return whether there is such a tenant."""
    return await tx.execute(_SET_RETENTION, id=tenant_id, days=days) > 0


async def add_key(tx: Tx, key: ApiKey, secret_hash: str) -> None:
    await tx.execute(
        _ADD_KEY,
        id=key.id,
        tenant_id=key.tenant_id,
        secret_hash=secret_hash,
        scope=key.scope,
        is_operator=int(key.is_operator),
        created_at_ms=key.created_at_ms,
        name=key.name,
    )


async def find_key(reader: Reader, key_id: str) -> tuple[ApiKey, str] | None:
    """Return the key and the hash of its secret."""
    row = await reader.look_up(_FIND_KEY, id=key_id)
    return (_key(row), row["secret_hash"]) if row else None


async def list_keys(reader: Reader) -> Sequence[ApiKey]:
    return [_key(row) for row in await reader.all(_LIST_KEYS)]


async def revoke_key(tx: Tx, key_id: str, now_ms: int) -> bool:
    """Return whether a live key was revoked now."""
    return await tx.execute(_REVOKE, id=key_id, now_ms=now_ms) > 0
