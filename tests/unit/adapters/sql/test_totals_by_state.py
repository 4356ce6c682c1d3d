"""Migration 0003: numbers by state that triggers keep, whatever happens to a recording."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcstack.adapters.sql import migrate
from rtcstack.domain.recording import RecordingState

_DAY_MS = 86_400_000
_COUNTED = "SELECT tenant_id, state, day, n FROM recording_state_days ORDER BY 1, 2, 3"
_THERE = f"""SELECT tenant_id, state, started_at_ms / {_DAY_MS}, count(*) FROM recordings
    WHERE deleted_at_ms IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
_ROOM = "INSERT INTO rooms (tenant_id, id, name, created_at_ms) VALUES (?, ?, 'r', 1)"
_ADD = """INSERT INTO recordings (id, tenant_id, room_id, state, bucket, object_key, started_at_ms)
    VALUES (:id, :tenant, :id, :state, 'b', :id, :at_ms)"""

_Change = tuple[str, int, str]
_changes = st.lists(
    st.tuples(
        st.sampled_from(["add", "move", "delete", "undelete", "purge"]),
        st.integers(0, 5),
        st.sampled_from([str(state) for state in RecordingState]),
    ),
    max_size=40,
)


def _migrated(path: Path | str, numbers: range) -> sqlite3.Connection:
    """Return a database that has had these migrations only, with two tenants in it."""
    connection = sqlite3.connect(path, isolation_level=None)
    scripts = migrate._scripts()
    migrate._apply(connection, {n: scripts[n] for n in numbers})
    for tenant in ("a", "b"):
        connection.execute("INSERT INTO tenants (id, plan, created_at_ms) VALUES (?, 'free', 1)", (tenant,))
        connection.executemany(_ROOM, [(tenant, str(n)) for n in range(6)])
    return connection


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = _migrated(":memory:", range(1, 4))
    yield connection
    connection.close()


def _apply(connection: sqlite3.Connection, change: _Change) -> None:
    what, n, state = change
    row = {"id": str(n), "tenant": "ab"[n % 2], "state": state, "at_ms": n // 2 * _DAY_MS}
    if what == "add":
        connection.execute(f"{_ADD} ON CONFLICT DO NOTHING", row)
    elif what == "move":
        connection.execute("UPDATE recordings SET state = :state WHERE id = :id", row)
    elif what == "purge":
        connection.execute("DELETE FROM recordings WHERE id = :id", row)
    else:
        deleted = {**row, "deleted": 5 if what == "delete" else None}
        connection.execute("UPDATE recordings SET deleted_at_ms = :deleted WHERE id = :id", deleted)


@settings(deadline=None)
@given(_changes)
def test_the_numbers_are_exact_after_every_change(changes: list[_Change]) -> None:
    connection = _migrated(":memory:", range(1, 4))
    for change in changes:
        _apply(connection, change)
        assert connection.execute(_COUNTED).fetchall() == connection.execute(_THERE).fetchall()
    connection.close()


def test_what_is_rolled_back_is_not_counted(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    _apply(connection, ("add", 1, "ready"))
    connection.execute("ROLLBACK")
    assert connection.execute(_COUNTED).fetchall() == []


def test_a_database_with_recordings_is_counted_when_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = _migrated(path, range(1, 3))
    for n, state in enumerate(["ready", "ready", "ready", "failed", "recording", "ready"]):
        _apply(connection, ("add", n, state))
    _apply(connection, ("delete", 5, ""))
    connection.close()
    assert "0003_totals_by_state.sql" in migrate.migrate(path)
    connection = sqlite3.connect(path)
    counted = connection.execute(_COUNTED).fetchall()
    assert counted == connection.execute(_THERE).fetchall()
    connection.close()
    of_a = [("a", "ready", 0, 1), ("a", "ready", 1, 1), ("a", "recording", 2, 1)]
    assert counted == [*of_a, ("b", "failed", 1, 1), ("b", "ready", 0, 1)]


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("state IN ('paused', 'queued')", "recordings_by_room"),
        ("deleted_at_ms IS NULL AND state IN ('failed')", "recordings_by_room"),
        ("deleted_at_ms IS NULL ORDER BY started_at_ms DESC, id DESC", "recordings_library_by_room"),
    ],
)
def test_a_room_s_recordings_are_found_by_index(
    connection: sqlite3.Connection, condition: str, index: str
) -> None:
    sql = (
        f"EXPLAIN QUERY PLAN SELECT * FROM recordings WHERE tenant_id = 'a' AND room_id = '1' AND {condition}"
    )
    [(*_, plan)] = connection.execute(sql).fetchall()
    assert f"USING INDEX {index} (" in plan
