"""What the dashboard's pages show over all objects of a tenant: found by index, never by walking a table."""

from collections.abc import Sequence

from rtcstack.domain.recording import ACTIVE, UNENDED, Recording, RecordingState
from rtcstack.ports.database import Reader
from rtcstack.repositories.recordings import COLUMNS, recording_of

_OF_TENANT = " FROM recordings WHERE tenant_id = :tenant_id AND deleted_at_ms IS NULL"
_SELECT = f"SELECT {COLUMNS}" + _OF_TENANT
_RUNNING_STATES = ", ".join(f"'{state}'" for state in sorted(ACTIVE | UNENDED | {RecordingState.PROCESSING}))
_RUNNING = _SELECT + f" AND state IN ({_RUNNING_STATES}) ORDER BY +started_at_ms DESC, id DESC LIMIT :limit"
_TOTALS = (
    """SELECT state, sum(n) AS n FROM recording_state_days WHERE tenant_id = :tenant_id GROUP BY state"""
)
_ROOMS_LIKE = """SELECT id FROM rooms WHERE tenant_id = :tenant_id
    AND (id LIKE :like ESCAPE '\\' OR name LIKE :like ESCAPE '\\') ORDER BY created_at_ms DESC LIMIT :limit"""
_OF_ID = " AND id IN (SELECT :text UNION SELECT recording_id FROM recording_parts WHERE egress_id = :text)"
_BY_ID = f"{_SELECT}{_OF_ID}"
_OF_ROOMS = _SELECT + " AND room_id IN ({rooms}) ORDER BY started_at_ms DESC, id DESC LIMIT :limit"
_POSTERS = "SELECT recording_id, poster_key FROM previews WHERE recording_id IN ({ids})"
_PULSE = """SELECT
    (SELECT max(seq) FROM outbox WHERE tenant_id = :tenant_id) AS event,
    (SELECT max(id) FROM audit_log WHERE tenant_id = :tenant_id) AS act,
    (SELECT group_concat(state || ' ' || day || ' ' || n) FROM recording_state_days
        WHERE tenant_id = :tenant_id AND state IN ({states})) AS running,
    (SELECT sum(progress) FROM clips WHERE tenant_id = :tenant_id AND state = 'processing') AS cut,
    (SELECT count(*) FROM participants WHERE tenant_id = :tenant_id AND left_at_ms IS NULL) AS present,
    (SELECT count(*) || max(created_at_ms) FROM rooms WHERE tenant_id = :tenant_id AND closed_at_ms IS NULL) AS rooms,
    (SELECT count(*) || ' ' || sum(due_at_ms) FROM deliveries WHERE state = 'pending'
        AND endpoint_id IN (SELECT id FROM webhook_endpoints WHERE tenant_id = :tenant_id)) AS waiting,
    (SELECT count(*) || ' ' || sum(updated_at_ms) FROM jobs WHERE state = 'pending') AS work"""


async def list_running(reader: Reader, tenant_id: str, limit: int) -> Sequence[Recording]:
    """Return what waits, is recorded or is being finished, the newest first."""
    return [recording_of(row) for row in await reader.all(_RUNNING, tenant_id=tenant_id, limit=limit)]


async def totals(reader: Reader, tenant_id: str) -> dict[str, int]:
    """Return how many recordings there are in each state."""
    return {row["state"]: row["n"] for row in await reader.all(_TOTALS, tenant_id=tenant_id)}


async def rooms_like(reader: Reader, tenant_id: str, text: str, limit: int) -> Sequence[str]:
    """Return the ids of the newest rooms, closed ones included, whose id or name has the text in it."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = await reader.all(_ROOMS_LIKE, tenant_id=tenant_id, like=f"%{plain}%", limit=limit)
    return [row["id"] for row in rows]


async def list_by_id(reader: Reader, tenant_id: str, text: str) -> Sequence[Recording]:
    """Return the recording that has that id or egress id, if there is one."""
    return [recording_of(row) for row in await reader.all(_BY_ID, tenant_id=tenant_id, text=text)]


async def list_of_rooms(
    reader: Reader, tenant_id: str, room_ids: Sequence[str], limit: int
) -> Sequence[Recording]:
    """Return the newest recordings of these rooms."""
    named = {f"room_{n}": room_id for n, room_id in enumerate(room_ids)}
    sql = _OF_ROOMS.format(rooms=", ".join(f":{name}" for name in named))
    return [recording_of(row) for row in await reader.all(sql, tenant_id=tenant_id, limit=limit, **named)]


async def poster_keys(reader: Reader, recording_ids: Sequence[str]) -> dict[str, str]:
    """Return where the posters lie, by recording id; those without one are left out."""
    named = {f"id_{n}": recording_id for n, recording_id in enumerate(recording_ids)}
    rows = await reader.all(_POSTERS.format(ids=", ".join(f":{name}" for name in named)), **named)
    return {row["recording_id"]: row["poster_key"] for row in rows}


async def pulse(reader: Reader, tenant_id: str) -> str:
    """Return a text that is another one as soon as anything has changed that a page shows."""
    row = await reader.find(_PULSE.format(states=_RUNNING_STATES), tenant_id=tenant_id)
    return repr(list(row or ()))
