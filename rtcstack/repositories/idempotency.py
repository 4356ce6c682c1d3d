"""Calls under an idempotency key and what was answered. `created_at_ms` fences: a call that was taken over cannot write."""

from dataclasses import dataclass

from rtcstack.domain.idempotency import Call
from rtcstack.ports.database import Reader, Tx

_CLAIM = """INSERT INTO idempotency_keys (tenant_id, key, fingerprint, created_at_ms)
    VALUES (:tenant_id, :key, :fingerprint, :now_ms)
    ON CONFLICT (tenant_id, key) DO UPDATE SET created_at_ms = excluded.created_at_ms
    WHERE idempotency_keys.status_code IS NULL AND idempotency_keys.fingerprint = excluded.fingerprint
        AND idempotency_keys.created_at_ms < :dead_before_ms"""
_FIND = """SELECT fingerprint, status_code, body, created_at_ms FROM idempotency_keys
    WHERE tenant_id = :tenant_id AND key = :key"""
_DROP_OLD = """DELETE FROM idempotency_keys
    WHERE tenant_id = :tenant_id AND key = :key AND created_at_ms < :made_before_ms"""
_ANSWER = """UPDATE idempotency_keys SET status_code = :status_code, body = :body
    WHERE tenant_id = :tenant_id AND key = :key AND created_at_ms = :claimed_at_ms AND status_code IS NULL"""
_RELEASE = """DELETE FROM idempotency_keys
    WHERE tenant_id = :tenant_id AND key = :key AND created_at_ms = :claimed_at_ms AND status_code IS NULL"""
_PURGE = """DELETE FROM idempotency_keys WHERE (tenant_id, key) IN (
    SELECT tenant_id, key FROM idempotency_keys WHERE created_at_ms < :made_before_ms LIMIT :limit)"""


@dataclass(frozen=True)
class Kept:
    """A call that is known; without a status it has no answer yet. `sealed_body` is sealed."""

    fingerprint: str
    status_code: int | None
    sealed_body: str


async def claim(tx: Tx, call: Call, *, now_ms: int, dead_before_ms: int, made_before_ms: int) -> bool:
    """Return whether the call is ours: it is new, its key has run out, or whoever began it is dead."""
    await tx.execute(_DROP_OLD, tenant_id=call.tenant_id, key=call.key, made_before_ms=made_before_ms)
    claimed = await tx.execute(
        _CLAIM,
        tenant_id=call.tenant_id,
        key=call.key,
        fingerprint=call.fingerprint,
        now_ms=now_ms,
        dead_before_ms=dead_before_ms,
    )
    return claimed > 0


async def find(reader: Reader, call: Call) -> Kept | None:
    """Return what is known under the call's key."""
    row = await reader.find(_FIND, tenant_id=call.tenant_id, key=call.key)
    return Kept(row["fingerprint"], row["status_code"], row["body"] or "") if row else None


async def answer(tx: Tx, call: Call, claimed_at_ms: int, status_code: int, sealed_body: str) -> None:
    await tx.execute(
        _ANSWER,
        tenant_id=call.tenant_id,
        key=call.key,
        claimed_at_ms=claimed_at_ms,
        status_code=status_code,
        body=sealed_body,
    )


async def release(tx: Tx, call: Call, claimed_at_ms: int) -> None:
    await tx.execute(_RELEASE, tenant_id=call.tenant_id, key=call.key, claimed_at_ms=claimed_at_ms)


async def purge(tx: Tx, *, made_before_ms: int, limit: int) -> int:
    """Return how many were forgotten."""
    return await tx.execute(_PURGE, made_before_ms=made_before_ms, limit=limit)
