"""Migration 0006: the bytes of what is deleted count until they are purged, also where it was deleted before."""

import sqlite3
from collections.abc import Iterator

import pytest

from rtcstack.adapters.sql import migrate

_DAY_MS = 86_400_000
_RECORDING = """INSERT INTO recordings (id, tenant_id, room_id, state, bucket, object_key, started_at_ms, size_bytes)
    VALUES (?, 'a', 'r', 'ready', 'b', ?, ?, ?)"""
_CLIP = """INSERT INTO clips (id, tenant_id, recording_id, label, start_s, end_s, mode, state, bucket, object_key,
    created_at_ms) VALUES (?, 'a', ?, 'l', 0, 1, 'smart', 'complete', 'b', ?, ?)"""


def _bytes(connection: sqlite3.Connection) -> int:
    [(total,)] = connection.execute("SELECT sum(bytes) FROM recording_days").fetchall()
    return int(total)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A database of before, with a recording of 100 bytes that is there and one of 200 that was deleted with its clip."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    scripts = migrate._scripts()
    migrate._apply(connection, {n: scripts[n] for n in range(1, 6)})
    connection.execute("INSERT INTO tenants (id, plan, created_at_ms) VALUES ('a', 'free', 1)")
    connection.execute("INSERT INTO rooms (tenant_id, id, name, created_at_ms) VALUES ('a', 'r', 'r', 1)")
    for name, day, size in (("there", 1, 100), ("gone", 2, 200)):
        connection.execute(_RECORDING, (name, name, day * _DAY_MS, size))
        for clip in ("kept", "dropped"):
            connection.execute(_CLIP, (f"{name}-{clip}", name, f"{name}-{clip}", day * _DAY_MS))
            connection.execute("UPDATE clips SET size_bytes = 7 WHERE id = ?", (f"{name}-{clip}",))
    connection.execute("UPDATE clips SET deleted_at_ms = 3 WHERE id LIKE '%dropped'")
    connection.execute("UPDATE recordings SET deleted_at_ms = 5 WHERE id = 'gone'")
    connection.execute("UPDATE clips SET deleted_at_ms = 5 WHERE id = 'gone-kept'")
    assert _bytes(connection) == 107
    migrate._apply(connection, {n: scripts[n] for n in range(1, 7)})
    yield connection
    connection.close()


def test_what_was_deleted_before_counts_again(connection: sqlite3.Connection) -> None:
    assert _bytes(connection) == 100 + 7 + 200 + 7


def test_purging_takes_the_bytes_away_once(connection: sqlite3.Connection) -> None:
    for _ in range(2):
        connection.execute("UPDATE recordings SET purged_at_ms = 9 WHERE id = 'gone'")
        connection.execute("UPDATE clips SET is_retained = 0 WHERE recording_id = 'gone'")
        assert _bytes(connection) == 107


def test_deleting_takes_no_bytes_away_but_the_place_in_the_list(connection: sqlite3.Connection) -> None:
    before = _bytes(connection)
    connection.execute("UPDATE recordings SET deleted_at_ms = 6 WHERE id = 'there'")
    connection.execute(
        "UPDATE clips SET deleted_at_ms = 6, is_retained = 1 WHERE recording_id = 'there' AND id LIKE '%kept'"
    )
    assert _bytes(connection) == before
    assert connection.execute("SELECT sum(n) FROM recording_days").fetchall() == [(0,)]
