"""Migration 0005 makes the table of recordings anew: nothing of an older database may be lost on the way."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rtcstack.adapters.sql import migrate as migration

_RECORDING = """INSERT INTO recordings (id, tenant_id, room_id, state, bucket, object_key, started_at_ms, size_bytes)
    VALUES (?, 'default', 'r', 'ready', 'b', ?, 1, 7)"""
_OWN = "UPDATE recordings SET storage_id = 'sto_1' WHERE id = 'rec_2'"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a database of the version before, with a recording and a job of it, that has been brought up to date."""
    scripts = migration._scripts()
    older = {number: script for number, script in scripts.items() if number < 5}
    path = tmp_path / "x.db"
    with monkeypatch.context() as patched:
        patched.setattr(migration, "_scripts", lambda: older)
        migration.migrate(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO tenants VALUES ('default', 'self-hosted', 1)")
        db.execute("INSERT INTO rooms (tenant_id, id, name, created_at_ms) VALUES ('default', 'r', 'r', 1)")
        db.execute(_RECORDING, ("rec_1", "r/1.mp4"))
        db.execute(
            """INSERT INTO jobs (id, kind, recording_id, due_at_ms, created_at_ms, updated_at_ms)
            VALUES ('job_1', 'archive', 'rec_1', 1, 1, 1)"""
        )
    migration.migrate(path)
    return path


def test_rows_and_references_stay(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT id, object_key, size_bytes FROM recordings").fetchall() == [
            ("rec_1", "r/1.mp4", 7)
        ]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert (
            "REFERENCES recordings (id)"
            in db.execute("SELECT sql FROM sqlite_master WHERE name = 'jobs'").fetchone()[0]
        )


def test_totals_go_on_being_counted(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(_RECORDING, ("rec_2", "r/2.mp4"))
        assert db.execute("SELECT n, bytes FROM recording_days").fetchall() == [(2, 14)]
        assert db.execute("SELECT state, n FROM recording_state_days").fetchall() == [("ready", 2)]


def test_a_key_is_free_in_another_store_and_taken_in_its_own(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(
            """INSERT INTO storages (id, tenant_id, endpoint, region, bucket, access_key_id, secret, created_at_ms,
            updated_at_ms) VALUES ('sto_1', 'default', 'http://x', 'r', 'b', 'k', 's', 1, 1)"""
        )
        db.execute(_RECORDING, ("rec_2", "r/2.mp4"))
        db.execute(_OWN)
        db.execute(_RECORDING, ("rec_3", "r/2.mp4"))
        with pytest.raises(sqlite3.IntegrityError, match="recordings_one_a_key"):
            db.execute(_RECORDING, ("rec_4", "r/2.mp4"))
