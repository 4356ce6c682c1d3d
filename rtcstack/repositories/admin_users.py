"""People who use the dashboard, and their sessions."""

from rtcstack.domain.admin_user import AdminUser, Session
from rtcstack.ports.database import Reader, Tx

_FIND = "SELECT id, name, password_hash, created_at_ms, updated_at_ms FROM admin_users WHERE name = :name"
_NAMES = "SELECT id, name FROM admin_users"
_ANY = "SELECT 1 AS found FROM admin_users LIMIT 1"
_PUT = """INSERT INTO admin_users (id, name, password_hash, created_at_ms, updated_at_ms)
    VALUES (:id, :name, :password_hash, :now_ms, :now_ms)
    ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash, updated_at_ms = excluded.updated_at_ms
    RETURNING id"""
_ADD_SESSION = """INSERT INTO sessions (token_hash, user_id, tenant_id, created_at_ms, seen_at_ms)
    VALUES (:token_hash, :user_id, :tenant_id, :now_ms, :now_ms)"""
_FIND_SESSION = """SELECT s.token_hash, s.user_id, u.name AS user_name, s.tenant_id, s.created_at_ms, s.seen_at_ms
    FROM sessions s JOIN admin_users u ON u.id = s.user_id WHERE s.token_hash = :token_hash"""
_TOUCH = "UPDATE sessions SET seen_at_ms = :now_ms WHERE token_hash = :token_hash AND seen_at_ms < :now_ms"
_SET_TENANT = "UPDATE sessions SET tenant_id = :tenant_id WHERE token_hash = :token_hash"
_END = "DELETE FROM sessions WHERE token_hash = :token_hash"
_END_OF_USER = "DELETE FROM sessions WHERE user_id = :user_id"
_FORGET = "DELETE FROM sessions WHERE seen_at_ms < :seen_before_ms OR created_at_ms < :made_before_ms"


async def find(reader: Reader, name: str) -> AdminUser | None:
    row = await reader.look_up(_FIND, name=name)
    return AdminUser(**dict(row)) if row else None


async def names(reader: Reader) -> dict[str, str]:
    """Return all users' names, by id."""
    return {row["id"]: row["name"] for row in await reader.all(_NAMES)}


async def is_any(reader: Reader) -> bool:
    return await reader.find(_ANY) is not None


async def put(tx: Tx, user_id: str, name: str, password_hash: str, now_ms: int) -> str:
    """Make the user, or give the one of that name another password; return the id."""
    row = await tx.find(_PUT, id=user_id, name=name, password_hash=password_hash, now_ms=now_ms)
    assert row is not None
    return str(row["id"])


async def add_session(tx: Tx, token_hash: str, user_id: str, tenant_id: str, now_ms: int) -> None:
    await tx.execute(_ADD_SESSION, token_hash=token_hash, user_id=user_id, tenant_id=tenant_id, now_ms=now_ms)


async def find_session(reader: Reader, token_hash: str) -> Session | None:
    row = await reader.look_up(_FIND_SESSION, token_hash=token_hash)
    return Session(**dict(row)) if row else None


async def touch_session(tx: Tx, token_hash: str, now_ms: int) -> None:
    await tx.execute(_TOUCH, token_hash=token_hash, now_ms=now_ms)


async def set_tenant(tx: Tx, token_hash: str, tenant_id: str) -> None:
    await tx.execute(_SET_TENANT, token_hash=token_hash, tenant_id=tenant_id)


async def end_session(tx: Tx, token_hash: str) -> bool:
    """Return whether there was one."""
    return await tx.execute(_END, token_hash=token_hash) > 0


async def end_sessions_of(tx: Tx, user_id: str) -> None:
    await tx.execute(_END_OF_USER, user_id=user_id)


async def forget_sessions(tx: Tx, *, seen_before_ms: int, made_before_ms: int) -> None:
    """Delete those that are over."""
    await tx.execute(_FORGET, seen_before_ms=seen_before_ms, made_before_ms=made_before_ms)
