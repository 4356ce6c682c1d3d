"""Tenants' data keys, wrapped. The newest of a tenant seals, all of them open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rtcstack.domain.sealing import WrappedKey
from rtcstack.ports.database import Reader, Row, Tx

_KEY = "SELECT id, tenant_id, wrapped, kek_id, created_at_ms FROM data_keys"
_FIND = _KEY + " WHERE id = :id"
_NEWEST = _KEY + " WHERE tenant_id = :tenant_id ORDER BY created_at_ms DESC, id DESC LIMIT 1"
_ADD = """INSERT INTO data_keys (id, tenant_id, wrapped, kek_id, created_at_ms)
    VALUES (:id, :tenant_id, :wrapped, :kek_id, :created_at_ms)"""
_WRAPPED_OTHERWISE = _KEY + " WHERE kek_id <> :kek_id AND id > :after ORDER BY id LIMIT :limit"
_REWRAP = """UPDATE data_keys SET wrapped = :new_wrapped, kek_id = :new_kek_id
    WHERE id = :id AND wrapped = :wrapped AND kek_id = :kek_id"""
_COUNTS = "SELECT kek_id, count(*) AS n FROM data_keys GROUP BY kek_id ORDER BY kek_id"
_LIST_NEWEST = """SELECT id, tenant_id, wrapped, kek_id, created_at_ms FROM data_keys AS key
    WHERE NOT EXISTS (SELECT 1 FROM data_keys AS newer WHERE newer.tenant_id = key.tenant_id
    AND (newer.created_at_ms, newer.id) > (key.created_at_ms, key.id)) ORDER BY tenant_id"""
_FORGET = "DELETE FROM data_keys WHERE kek_id = :kek_id"


@dataclass(frozen=True)
class StoredKey:
    id: str
    tenant_id: str
    wrapped: WrappedKey
    created_at_ms: int


def _stored(row: Row) -> StoredKey:
    wrapped = WrappedKey(row["wrapped"], row["kek_id"])
    return StoredKey(row["id"], row["tenant_id"], wrapped, row["created_at_ms"])


async def find(reader: Reader, data_key_id: str) -> StoredKey | None:
    row = await reader.find(_FIND, id=data_key_id)
    return _stored(row) if row else None


async def find_newest(reader: Reader, tenant_id: str) -> StoredKey | None:
    row = await reader.find(_NEWEST, tenant_id=tenant_id)
    return _stored(row) if row else None


async def add(tx: Tx, key: StoredKey) -> None:
    await tx.execute(
        _ADD,
        id=key.id,
        tenant_id=key.tenant_id,
        wrapped=key.wrapped.text,
        kek_id=key.wrapped.kek_id,
        created_at_ms=key.created_at_ms,
    )


async def list_wrapped_otherwise(
    reader: Reader, kek_id: str, *, after: str, limit: int
) -> Sequence[StoredKey]:
    """Return keys that another key than `kek_id` wraps, by id, those after `after`."""
    rows = await reader.all(_WRAPPED_OTHERWISE, kek_id=kek_id, after=after, limit=limit)
    return [_stored(row) for row in rows]


async def rewrap(tx: Tx, key: StoredKey, new: WrappedKey) -> bool:
    """Return whether the key was still wrapped as `key` says."""
    changed = await tx.execute(
        _REWRAP,
        id=key.id,
        wrapped=key.wrapped.text,
        kek_id=key.wrapped.kek_id,
        new_wrapped=new.text,
        new_kek_id=new.kek_id,
    )
    return changed > 0


async def count_by_kek(reader: Reader) -> Mapping[str, int]:
    """Return how many data keys each key wraps."""
    return {row["kek_id"]: row["n"] for row in await reader.all(_COUNTS)}


async def list_newest(reader: Reader) -> Sequence[StoredKey]:
    """Return each tenant's newest data key."""
    return [_stored(row) for row in await reader.all(_LIST_NEWEST)]


async def forget(tx: Tx, kek_id: str) -> int:
    """Delete every data key that `kek_id` wraps; return how many."""
    return await tx.execute(_FORGET, kek_id=kek_id)
