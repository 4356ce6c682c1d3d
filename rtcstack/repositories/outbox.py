"""What customers are told: one row an event, in the order of the commits."""

from collections.abc import Sequence

from rtcstack.domain.event import Event
from rtcstack.ports.database import Reader, Row, Tx

_SELECT = "SELECT seq, id, tenant_id, event, room_id, body, created_at_ms FROM outbox"
_FIND = _SELECT + " WHERE tenant_id = :tenant_id AND id = :id"
_AFTER = _SELECT + " WHERE tenant_id = :tenant_id AND seq > :after ORDER BY seq LIMIT :limit"
_LATEST = "SELECT coalesce(max(seq), 0) AS seq FROM outbox"
_AFTER_OF_KIND = (
    _SELECT + " WHERE tenant_id = :tenant_id AND event = :event AND seq > :after AND seq <= :latest"
    " ORDER BY seq LIMIT :limit"
)
_BETWEEN = """SELECT seq, id, tenant_id, event, room_id, '' AS body, created_at_ms FROM outbox
    WHERE tenant_id = :tenant_id AND (created_at_ms, seq) > (:at_ms, :seq) AND created_at_ms <= :until_ms
    ORDER BY created_at_ms, seq LIMIT :limit"""
_PUT = """INSERT INTO outbox (id, tenant_id, event, room_id, body, created_at_ms)
    VALUES (:id, :tenant_id, :event, :room_id, :body, :created_at_ms)"""
_OLD = """SELECT id FROM (SELECT id, seq, created_at_ms FROM outbox WHERE created_at_ms <= :now_ms ORDER BY seq LIMIT :limit)
    WHERE created_at_ms < :before_ms"""
_PURGE_DELIVERIES = f"DELETE FROM deliveries WHERE outbox_id IN ({_OLD})"  # noqa: S608  # our own constant
_PURGE = f"DELETE FROM outbox WHERE id IN ({_OLD})"  # noqa: S608  # the same


def _event(row: Row) -> Event:
    return Event(**dict(row))


async def put(tx: Tx, event: Event) -> None:
    await tx.execute(
        _PUT,
        id=event.id,
        tenant_id=event.tenant_id,
        event=event.event,
        room_id=event.room_id,
        body=event.body,
        created_at_ms=event.created_at_ms,
    )


async def find(reader: Reader, tenant_id: str, event_id: str) -> Event | None:
    row = await reader.find(_FIND, tenant_id=tenant_id, id=event_id)
    return _event(row) if row else None


async def list_after(
    reader: Reader, tenant_id: str, after: int, kinds: Sequence[str], limit: int
) -> Sequence[Event]:
    """Return the tenant's events after a place, of these kinds or of all."""
    if not kinds:
        rows = await reader.all(_AFTER, tenant_id=tenant_id, after=after, limit=limit)
        return [_event(row) for row in rows]
    found: list[Event] = []
    [newest] = await reader.all(
        _LATEST
    )  # what is put between two of the walks would be passed over by the next page
    for kind in kinds:  # each is a short walk on an index; together they would be sorted in whole
        rows = await reader.all(
            _AFTER_OF_KIND, tenant_id=tenant_id, event=kind, after=after, latest=newest["seq"], limit=limit
        )
        found += [_event(row) for row in rows]
    return sorted(found, key=lambda event: event.seq)[:limit]


async def list_between(
    reader: Reader, tenant_id: str, place: tuple[int, int], until_ms: int, limit: int
) -> Sequence[Event]:
    """Return the tenant's events after a place of instant and `seq`, without their bodies, up to an instant."""
    rows = await reader.all(
        _BETWEEN, tenant_id=tenant_id, at_ms=place[0], seq=place[1], until_ms=until_ms, limit=limit
    )
    return [_event(row) for row in rows]


async def purge(tx: Tx, before_ms: int, now_ms: int, limit: int) -> int:
    """Delete the oldest events that were put before an instant, with their deliveries; return how many.

    Those of a clock that was ahead stand in nobody's way: their time is still to come.
    """
    which = {"before_ms": before_ms, "now_ms": now_ms, "limit": limit}
    await tx.execute(_PURGE_DELIVERIES, **which)
    return await tx.execute(_PURGE, **which)
