"""What the dashboard's pages show over all objects of a tenant: found by index, never by walking a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.domain.previews import Previews
from rtcstack.domain.recording import ACTIVE, UNENDED, Recording, RecordingState
from rtcstack.domain.recording_list import Cursor
from rtcstack.domain.room import Room
from rtcstack.domain.room_list import RoomCursor
from rtcstack.ports.database import Reader, Tx
from rtcstack.repositories.previews import previews_of
from rtcstack.repositories.recordings import COLUMNS, recording_of
from rtcstack.repositories.rooms import SELECT as SELECT_ROOM
from rtcstack.repositories.rooms import room_of

_OF_TENANT = " FROM recordings WHERE tenant_id = :tenant_id AND deleted_at_ms IS NULL"
_SELECT = f"SELECT {COLUMNS}" + _OF_TENANT
_RUNNING_STATES = ", ".join(f"'{state}'" for state in sorted(ACTIVE | UNENDED | {RecordingState.PROCESSING}))
_ACTIVE_STATES = ", ".join(f"'{state}'" for state in sorted(ACTIVE))
_ACTIVE_FIRST = f" ORDER BY state IN ({_ACTIVE_STATES}) DESC, started_at_ms DESC, id DESC LIMIT :limit"
_RUNNING = _SELECT + f" AND state IN ({_RUNNING_STATES})" + _ACTIVE_FIRST
_TOTALS = (
    """SELECT state, sum(n) AS n FROM recording_state_days WHERE tenant_id = :tenant_id GROUP BY state"""
)
_ROOM_IS_LIKE = " AND (id LIKE :like ESCAPE '\\' OR name LIKE :like ESCAPE '\\')"
_ROOMS_LIKE = "SELECT id FROM rooms WHERE tenant_id = :tenant_id" + _ROOM_IS_LIKE + " LIMIT :limit"  # noqa: S608  # our own constants
_OPEN = " WHERE tenant_id = :tenant_id AND closed_at_ms IS NULL"
_OPEN_ROOMS = SELECT_ROOM + _OPEN
_COUNT_OPEN = "SELECT count(*) AS n FROM rooms" + _OPEN  # noqa: S608  # the same
_ROOM_BEFORE = " AND (created_at_ms, id) < (:cursor_ms, :cursor_id)"
_NEWEST_ROOMS = " ORDER BY created_at_ms DESC, id DESC LIMIT :limit"
_SOMEBODY = """ AND id IN (SELECT room_id FROM participants
    WHERE tenant_id = :tenant_id AND left_at_ms IS NULL)"""
_LIVE_ROOMS = _OPEN_ROOMS + _SOMEBODY + _NEWEST_ROOMS
_OF_ID = " AND id IN (SELECT :text UNION SELECT recording_id FROM recording_parts WHERE egress_id = :text)"
_BY_ID = f"{_SELECT}{_OF_ID}"
_NEWEST = " ORDER BY started_at_ms DESC, id DESC LIMIT :limit"
# Few rooms: an index has all that the order needs, and only those shown are read.
_IDS_OF_ROOMS = "SELECT id" + _OF_TENANT + " AND room_id IN ({rooms}){place}" + _NEWEST
_OF_ROOMS = f"SELECT {COLUMNS} FROM recordings WHERE id IN ({_IDS_OF_ROOMS})" + _NEWEST  # noqa: S608  # the same
# Many rooms: one recording in so many is of one of them, and they are met on the way from the newest to the oldest.
_IN_ORDER = " ORDER BY started_at_ms DESC, id DESC LIMIT :most"
_IN_ROOMS_LIKE = """ WHERE EXISTS (SELECT 1 FROM rooms WHERE rooms.tenant_id = :tenant_id AND rooms.id = room_id
    AND (rooms.id LIKE :like ESCAPE '\\' OR rooms.name LIKE :like ESCAPE '\\')) LIMIT :limit"""
_OF_ROOMS_LIKE = f"SELECT {COLUMNS} FROM (" + _SELECT + "{place}" + _IN_ORDER + ")" + _IN_ROOMS_LIKE  # noqa: S608  # the same
_PLACE_AFTER = (
    "SELECT started_at_ms, id"
    + _OF_TENANT
    + "{place} ORDER BY started_at_ms DESC, id DESC LIMIT 1 OFFSET :most - 1"
)
_BEFORE_CURSOR = " AND (started_at_ms, id) < (:cursor_ms, :cursor_id)"
_ACTIVE_OF_ROOMS = f"{_SELECT} AND state IN ({_ACTIVE_STATES}) AND room_id IN ({{rooms}})"
_ROOM_NAMES = "SELECT id, name FROM rooms WHERE tenant_id = :tenant_id AND id IN ({rooms})"
_ROOMS_OF = """SELECT recordings.id, room_id, coalesce(rooms.name, room_id) AS name FROM recordings
    LEFT JOIN rooms ON rooms.tenant_id = recordings.tenant_id AND rooms.id = room_id
    WHERE recordings.tenant_id = :tenant_id AND recordings.id IN ({ids})"""
_THERE = " UNION ALL ".join(
    f"SELECT id FROM {table} WHERE tenant_id = :tenant_id AND id IN ({{ids}}){condition}"  # noqa: S608  # the same
    for table, condition in (
        ("rooms", ""),
        ("recordings", " AND deleted_at_ms IS NULL"),
        ("clips", " AND deleted_at_ms IS NULL"),
        ("webhook_endpoints", " AND deleted_at_ms IS NULL"),
    )
)
_POSTERS = "SELECT recording_id, poster_key FROM previews WHERE recording_id IN ({ids})"
_STORYBOARDS = """SELECT previews.recording_id, poster_key, storyboard, previews.created_at_ms, storage_id FROM previews
    JOIN recordings ON recordings.id = previews.recording_id WHERE previews.recording_id IN ({ids})"""
_WRITE_CHECK = "INSERT INTO write_check (id, at_ms) VALUES (1, :at_ms) ON CONFLICT (id) DO UPDATE SET at_ms = excluded.at_ms"
_PULSE = """SELECT
    (SELECT max(seq) FROM outbox WHERE tenant_id = :tenant_id) AS event,
    (SELECT max(id) FROM audit_log WHERE tenant_id = :tenant_id) AS act,
    (SELECT max(id) FROM audit_log WHERE action = 'tenant.create') AS tenants,
    (SELECT max(id) FROM audit_log WHERE action = 'tenant.plan') AS plans,
    (SELECT group_concat(state || ' ' || day || ' ' || n) FROM recording_state_days
        WHERE tenant_id = :tenant_id AND state IN ({states})) AS running,
    (SELECT sum(progress) FROM clips WHERE tenant_id = :tenant_id AND state = 'processing') AS cut,
    (SELECT count(*) || ' ' || sum(joined_at_ms) FROM participants WHERE tenant_id = :tenant_id AND left_at_ms IS NULL) AS present,
    (SELECT count(*) || max(created_at_ms) FROM rooms WHERE tenant_id = :tenant_id AND closed_at_ms IS NULL) AS rooms,
    (SELECT count(*) || ' ' || sum(due_at_ms) FROM deliveries WHERE state = 'pending'
        AND endpoint_id IN (SELECT id FROM webhook_endpoints WHERE tenant_id = :tenant_id)) AS waiting,
    (SELECT count(*) || ' ' || sum(updated_at_ms) FROM jobs WHERE state = 'pending' AND EXISTS (SELECT 1 FROM recordings
        WHERE recordings.id = jobs.recording_id AND recordings.tenant_id = :tenant_id)) AS work"""


async def list_running(reader: Reader, tenant_id: str, limit: int) -> Sequence[Recording]:
    """Return what waits, is recorded or is being finished: active ones first, of each the newest."""
    return [recording_of(row) for row in await reader.all(_RUNNING, tenant_id=tenant_id, limit=limit)]


async def totals(reader: Reader, tenant_id: str) -> dict[str, int]:
    """Return how many recordings there are in each state."""
    return {row["state"]: row["n"] for row in await reader.all(_TOTALS, tenant_id=tenant_id)}


def _like(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


async def rooms_like(reader: Reader, tenant_id: str, text: str, limit: int) -> Sequence[str]:
    """Return the ids of so many rooms, closed ones included, whose id or name has the text in it."""
    rows = await reader.all(_ROOMS_LIKE, tenant_id=tenant_id, like=_like(text), limit=limit)
    return [row["id"] for row in rows]


async def list_live_rooms(reader: Reader, tenant_id: str, limit: int) -> Sequence[Room]:
    """Return rooms with somebody in them, the newest first."""
    return [room_of(row) for row in await reader.all(_LIVE_ROOMS, tenant_id=tenant_id, limit=limit)]


async def list_open_rooms(
    reader: Reader, tenant_id: str, *, text: str, cursor: RoomCursor | None, limit: int
) -> Sequence[Room]:
    """Return the newest open rooms, those after the cursor, and whose id or name has the text in it."""
    sql, given = _OPEN_ROOMS, {"tenant_id": tenant_id, "limit": limit, "like": _like(text)}
    if text:
        sql += _ROOM_IS_LIKE
    if cursor is not None:
        sql += _ROOM_BEFORE
        given |= {"cursor_ms": cursor.created_at_ms, "cursor_id": cursor.room_id}
    return [room_of(row) for row in await reader.all(sql + _NEWEST_ROOMS, **given)]


async def count_open_rooms(reader: Reader, tenant_id: str) -> int:
    row = await reader.find(_COUNT_OPEN, tenant_id=tenant_id)
    return int(row["n"]) if row else 0


async def list_by_id(reader: Reader, tenant_id: str, text: str) -> Sequence[Recording]:
    """Return the recording that has that id or egress id, if there is one."""
    return [recording_of(row) for row in await reader.all(_BY_ID, tenant_id=tenant_id, text=text)]


def _named(ids: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the parameters' names as SQL, and their values."""
    named = {f"id_{n}": one for n, one in enumerate(ids)}
    return ", ".join(f":{name}" for name in named), named


def _place(cursor: Cursor | None) -> tuple[str, dict[str, str | int]]:
    if cursor is None:
        return "", {}
    return _BEFORE_CURSOR, {"cursor_ms": cursor.started_at_ms, "cursor_id": cursor.recording_id}


async def list_of_rooms(
    reader: Reader, tenant_id: str, room_ids: Sequence[str], *, cursor: Cursor | None, limit: int
) -> Sequence[Recording]:
    """Return the newest recordings of these rooms, those after the cursor."""
    (rooms, named), (place, at) = _named(room_ids), _place(cursor)
    sql = _OF_ROOMS.format(rooms=rooms, place=place)
    return [
        recording_of(row) for row in await reader.all(sql, tenant_id=tenant_id, limit=limit, **named, **at)
    ]


async def list_of_rooms_like(
    reader: Reader, tenant_id: str, text: str, *, cursor: Cursor | None, limit: int, most: int
) -> Sequence[Recording]:
    """Return the newest recordings of all rooms whose id or name has the text in it: for a text that many have.

    At most `most` recordings are looked at, from the cursor on.
    """
    place, at = _place(cursor)
    sql = _OF_ROOMS_LIKE.format(place=place)
    rows = await reader.all(sql, tenant_id=tenant_id, like=_like(text), limit=limit, most=most, **at)
    return [recording_of(row) for row in rows]


async def place_after(reader: Reader, tenant_id: str, cursor: Cursor | None, most: int) -> Cursor | None:
    """Return where those begin that come after `most` recordings, None if there are not so many."""
    place, at = _place(cursor)
    row = await reader.find(_PLACE_AFTER.format(place=place), tenant_id=tenant_id, most=most, **at)
    return Cursor(row["started_at_ms"], row["id"]) if row else None


async def active_of_rooms(reader: Reader, tenant_id: str, room_ids: Sequence[str]) -> dict[str, Recording]:
    """Return the active recordings of these rooms, by the room's id."""
    rooms, named = _named(room_ids)
    found = await reader.all(_ACTIVE_OF_ROOMS.format(rooms=rooms), tenant_id=tenant_id, **named)
    return {recording.room_id: recording for recording in map(recording_of, found)}


async def room_names(reader: Reader, tenant_id: str, room_ids: Sequence[str]) -> dict[str, str]:
    """Return what the rooms are called, by id; one that nobody has named is called by its id."""
    rooms, named = _named(room_ids)
    rows = await reader.all(_ROOM_NAMES.format(rooms=rooms), tenant_id=tenant_id, **named)
    return {row["id"]: row["name"] for row in rows}


@dataclass(frozen=True)
class RoomName:
    """A room by its id, and what it is called."""

    id: str
    name: str


async def rooms_of(reader: Reader, tenant_id: str, recording_ids: Sequence[str]) -> dict[str, RoomName]:
    """Return of which room each recording is, by the recording's id."""
    ids, named = _named(recording_ids)
    rows = await reader.all(_ROOMS_OF.format(ids=ids), tenant_id=tenant_id, **named)
    return {row["id"]: RoomName(row["room_id"], row["name"]) for row in rows}


async def there(reader: Reader, tenant_id: str, ids: Sequence[str]) -> frozenset[str]:
    """Return those of the ids that are a room's, closed ones included, or a recording's, clip's or endpoint's not deleted."""
    names, named = _named(ids)
    rows = await reader.all(_THERE.format(ids=names), tenant_id=tenant_id, **named)
    return frozenset(row["id"] for row in rows)


async def poster_keys(reader: Reader, recording_ids: Sequence[str]) -> dict[str, str]:
    """Return where the posters lie, by recording id; those without one are left out."""
    ids, named = _named(recording_ids)
    rows = await reader.all(_POSTERS.format(ids=ids), **named)
    return {row["recording_id"]: row["poster_key"] for row in rows}


@dataclass(frozen=True)
class Board:
    """Pictures of a recording, and the store that they lie in; None is the shared one."""

    previews: Previews
    storage_id: str | None


async def storyboards(reader: Reader, recording_ids: Sequence[str]) -> dict[str, Board]:
    """Return the pictures of these recordings by their ids; those without are left out."""
    ids, named = _named(recording_ids)
    rows = await reader.all(_STORYBOARDS.format(ids=ids), **named)
    return {row["recording_id"]: Board(previews_of(row), row["storage_id"]) for row in rows}


async def check_write(tx: Tx, at_ms: int) -> None:
    """Write something that is new each time, so that the disk has to take it."""
    await tx.execute(_WRITE_CHECK, at_ms=at_ms)


async def pulse(reader: Reader, tenant_id: str) -> str:
    """Return a text that is another one as soon as anything has changed that a page shows."""
    row = await reader.find(_PULSE.format(states=_RUNNING_STATES), tenant_id=tenant_id)
    return repr(list(row or ()))
