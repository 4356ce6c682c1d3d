import json
from collections.abc import Collection, Sequence

from rtcstack.domain.audit import Actor, AuditEntry, AuditFilter
from rtcstack.ids import first_id
from rtcstack.ports.database import Reader, Row, Tx

_ADD = """INSERT INTO audit_log
    (id, at_ms, action, tenant_id, object_id, actor, key_id, address, request_id, details)
    VALUES (:id, :at_ms, :action, :tenant_id, :object_id, :actor, :key_id, :address, :request_id, :details)"""
_PAGE = """SELECT * FROM audit_log WHERE {conditions} ORDER BY id DESC LIMIT :limit"""
_CONDITIONS = {
    "before": "id < :before",
    "tenant_id": "tenant_id = :tenant_id",
    "action": "action = :action",
    "object_id": "object_id = :object_id",
    "since_ms": "+at_ms >= :since_ms",  # by the `+` not looked up in an index of its own, which would have to be sorted
    "since_id": "id >= :since_id",  # an index has it; a clock that was set back never makes an id smaller
}
# By the index of objects: each of them has few entries, a tenant has many.
_OF_OBJECT = " FROM audit_log WHERE object_id = :object_id AND +tenant_id = :tenant_id AND +action"
_HISTORY = f"SELECT *{_OF_OBJECT} <> :except_action ORDER BY id DESC LIMIT :limit"
_COUNT = f"SELECT count(*) AS n, max(at_ms) AS last_ms{_OF_OBJECT} = :action"
_IS_TOLD = f"SELECT 1{_OF_OBJECT} = :action AND key_id = :key_id AND +at_ms >= :since_ms LIMIT 1"
_LAST = "SELECT max(id) AS id FROM audit_log"
_PURGE = """DELETE FROM audit_log WHERE id IN
    (SELECT id FROM audit_log WHERE at_ms < :before_ms ORDER BY at_ms LIMIT :limit)"""


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        at_ms=row["at_ms"],
        action=row["action"],
        tenant_id=row["tenant_id"],
        object_id=row["object_id"],
        actor=Actor(row["actor"], row["key_id"], row["address"], row["request_id"]),
        details=json.loads(row["details"]),
    )


async def add(tx: Tx, entry: AuditEntry) -> None:
    await tx.execute(
        _ADD,
        id=entry.id,
        at_ms=entry.at_ms,
        action=entry.action,
        tenant_id=entry.tenant_id,
        object_id=entry.object_id,
        actor=entry.actor.kind,
        key_id=entry.actor.key_id,
        address=entry.actor.address,
        request_id=entry.actor.request_id,
        details=json.dumps(entry.details, ensure_ascii=False, separators=(",", ":")),
    )


def _condition(name: str, asked: Collection[str]) -> str:
    """Have the entries of an object found by the index of objects: each has few, a tenant and a kind have many."""
    is_by_object = "object_id" in asked and name in {"tenant_id", "action"}
    return f"+{_CONDITIONS[name]}" if is_by_object else _CONDITIONS[name]


async def page(reader: Reader, which: AuditFilter, *, before: str | None, limit: int) -> Sequence[AuditEntry]:
    """Return the newest first, those made before the entry `before`."""
    given = {
        "before": before,
        "tenant_id": which.tenant_id,
        "action": which.action,
        "object_id": which.object_id,
        "since_ms": which.since_ms,
        "since_id": None if which.since_ms is None else first_id("aud", which.since_ms),
    }
    asked = {name: value for name, value in given.items() if value is not None}
    conditions = " AND ".join(_condition(name, asked) for name in asked) or "TRUE"
    rows = await reader.all(_PAGE.format(conditions=conditions), **asked, limit=limit)
    return [_entry(row) for row in rows]


async def history(
    reader: Reader, tenant_id: str, object_id: str, *, except_action: str, limit: int
) -> Sequence[AuditEntry]:
    """Return what was done to an object but for one action, the newest first."""
    given = {"tenant_id": tenant_id, "object_id": object_id, "except_action": except_action}
    return [_entry(row) for row in await reader.all(_HISTORY, **given, limit=limit)]


async def count(reader: Reader, tenant_id: str, object_id: str, action: str) -> tuple[int, int | None]:
    """Return how often that was done to an object, and when last."""
    row = await reader.find(_COUNT, tenant_id=tenant_id, object_id=object_id, action=action)
    return (row["n"], row["last_ms"]) if row else (0, None)


async def is_told(reader: Reader, entry: AuditEntry, since_ms: int) -> bool:
    """Say whether the same was done to the same object by the same key or user since."""
    given = {"object_id": entry.object_id, "tenant_id": entry.tenant_id, "action": entry.action}
    by = entry.actor.key_id
    return await reader.find(_IS_TOLD, **given, key_id=by, since_ms=since_ms) is not None


async def last_id(reader: Reader) -> str | None:
    """Return the id of the newest entry, whosever object it is about."""
    row = await reader.find(_LAST)
    return row["id"] if row else None


async def purge(tx: Tx, before_ms: int, limit: int) -> int:
    """Forget entries that are older; return how many."""
    return await tx.execute(_PURGE, before_ms=before_ms, limit=limit)
