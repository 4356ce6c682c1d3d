"""Tenants' own buckets. One a tenant is current; the others are kept for the recordings that lie in them."""

from collections.abc import Sequence
from dataclasses import asdict

from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.ports.database import Reader, Row, Tx

_SELECT = """SELECT id, tenant_id, endpoint, region, bucket, prefix, path_style, access_key_id, secret, may_read,
    may_delete, revision, checked_at_ms, created_at_ms, updated_at_ms, replaced_at_ms FROM storages"""
_COUNTS = (
    "(replaced_at_ms IS NULL OR EXISTS (SELECT 1 FROM recordings WHERE recordings.storage_id = storages.id))"
)
_GET = _SELECT + " WHERE id = :id"
_CURRENT = _SELECT + " WHERE tenant_id = :tenant_id AND replaced_at_ms IS NULL"
_SAME = (
    _SELECT
    + """ WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND bucket = :bucket
    ORDER BY replaced_at_ms IS NOT NULL, replaced_at_ms DESC LIMIT 1"""
)
_IN_USE = _SELECT + " WHERE " + _COUNTS + " ORDER BY id"
_IDS_IN_USE = "SELECT id FROM storages WHERE tenant_id = :tenant_id AND " + _COUNTS + " ORDER BY id"  # noqa: S608  # constants of this file
_OF_OTHERS = (
    _SELECT  # noqa: S608  # constants of this file
    + " WHERE bucket = :bucket AND tenant_id <> :tenant_id AND ("
    + _COUNTS
    + """ AND (substr(prefix, 1, length(:prefix)) = :prefix OR substr(:prefix, 1, length(prefix)) = prefix)
    OR EXISTS (SELECT 1 FROM recordings WHERE recordings.storage_id = storages.id
        AND object_key >= :prefix AND object_key < :behind))"""
)
_LAST_CHARACTER = chr(0x10FFFF)
_RETIRE = """UPDATE storages SET replaced_at_ms = :now_ms
    WHERE tenant_id = :tenant_id AND id <> :except_id AND replaced_at_ms IS NULL"""
_SAVE = """INSERT INTO storages (id, tenant_id, endpoint, region, bucket, prefix, path_style, access_key_id, secret,
        may_read, may_delete, checked_at_ms, created_at_ms, updated_at_ms)
    VALUES (:id, :tenant_id, :endpoint, :region, :bucket, :prefix, :path_style, :access_key_id, :secret,
        :may_read, :may_delete, :checked_at_ms, :created_at_ms, :updated_at_ms)
    ON CONFLICT (id) DO UPDATE SET region = excluded.region, prefix = excluded.prefix,
        path_style = excluded.path_style, access_key_id = excluded.access_key_id, secret = excluded.secret,
        may_read = excluded.may_read, may_delete = excluded.may_delete, checked_at_ms = excluded.checked_at_ms,
        updated_at_ms = excluded.updated_at_ms, replaced_at_ms = NULL, revision = storages.revision + 1"""
_CHECKED = """UPDATE storages SET may_read = :may_read, may_delete = :may_delete, checked_at_ms = :now_ms
    WHERE id = :id AND revision = :revision"""


def _bucket_of(row: Row) -> OwnBucket:
    flags = {name: bool(row[name]) for name in ("path_style", "may_read", "may_delete")}
    return OwnBucket(**{**dict(row), **flags})


async def find(reader: Reader, storage_id: str) -> OwnBucket | None:
    row = await reader.find(_GET, id=storage_id)
    return _bucket_of(row) if row else None


async def find_current(reader: Reader, tenant_id: str) -> OwnBucket | None:
    """Return where the tenant's new recordings go; None if that is the shared bucket."""
    row = await reader.find(_CURRENT, tenant_id=tenant_id)
    return _bucket_of(row) if row else None


async def find_same(reader: Reader, tenant_id: str, endpoint: str, bucket: str) -> OwnBucket | None:
    """Return the tenant's row of that very bucket, current or not."""
    row = await reader.find(_SAME, tenant_id=tenant_id, endpoint=endpoint, bucket=bucket)
    return _bucket_of(row) if row else None


async def list_in_use(reader: Reader) -> Sequence[OwnBucket]:
    """Return every tenant's that is current or that recordings lie in."""
    return [_bucket_of(row) for row in await reader.all(_IN_USE)]


async def list_ids_in_use(reader: Reader, tenant_id: str) -> Sequence[str]:
    """Return the tenant's that is current, and those that recordings lie in."""
    return [row["id"] for row in await reader.all(_IDS_IN_USE, tenant_id=tenant_id)]


async def list_overlapping(reader: Reader, tenant_id: str, bucket: str, prefix: str) -> Sequence[OwnBucket]:
    """Return other tenants' buckets of that name, wherever they are, in which folders under the prefix are theirs: they
    record there, or have recordings there.
    """
    asked = {"tenant_id": tenant_id, "bucket": bucket, "prefix": prefix}
    rows = await reader.all(_OF_OTHERS, **asked, behind=prefix + _LAST_CHARACTER)
    return [_bucket_of(row) for row in rows]


async def make_current(tx: Tx, bucket: OwnBucket) -> None:
    """Insert it, or give the row of that id these settings; whichever was current is no more."""
    await retire(tx, bucket.tenant_id, bucket.updated_at_ms, except_id=bucket.id)
    values = asdict(bucket)
    del values["revision"], values["replaced_at_ms"]
    await tx.execute(_SAVE, **values)


async def retire(tx: Tx, tenant_id: str, now_ms: int, *, except_id: str = "") -> bool:
    """Return whether the tenant had one: new recordings go to the shared bucket from now on."""
    return await tx.execute(_RETIRE, tenant_id=tenant_id, now_ms=now_ms, except_id=except_id) > 0


async def note_check(tx: Tx, bucket: OwnBucket, *, may_read: bool, may_delete: bool, now_ms: int) -> None:
    await tx.execute(
        _CHECKED,
        id=bucket.id,
        revision=bucket.revision,
        may_read=may_read,
        may_delete=may_delete,
        now_ms=now_ms,
    )
