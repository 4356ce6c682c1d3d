"""Migration 0007: recordings that had their jobs are not given them again; those of before, and no others, are to get them."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rtcstack.adapters.sql import migrate as migration
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.repositories import after_care

_RECORDING = """INSERT INTO recordings (id, tenant_id, room_id, state, bucket, object_key, started_at_ms)
    VALUES (:id, 'default', 'r', :state, 'b', :id, :at_ms)"""
_JOB = """INSERT INTO jobs (id, kind, recording_id, state, due_at_ms, created_at_ms, updated_at_ms)
    VALUES ('job_1', 'verify', 'rec_had', 'done', 1, 1, 1)"""
_STATES = {
    "rec_had": "ready",
    "rec_old": "ready",
    "rec_older": "archived",
    "rec_running": "recording",
    "rec_failed": "failed",
}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a database of the version before, with recordings, that has been brought up to date."""
    scripts = migration._scripts()
    path = tmp_path / "x.db"
    with monkeypatch.context() as patched:
        patched.setattr(migration, "_scripts", lambda: {n: s for n, s in scripts.items() if n < 7})
        migration.migrate(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO tenants VALUES ('default', 'self-hosted', 1)")
        db.execute("INSERT INTO rooms (tenant_id, id, name, created_at_ms) VALUES ('default', 'r', 'r', 1)")
        for at_ms, (name, state) in enumerate(reversed(_STATES.items())):
            db.execute(_RECORDING, {"id": name, "state": state, "at_ms": at_ms})
        db.execute(_JOB)
    migration.migrate(path)
    return path


def test_only_what_had_none_is_to_get_them(path: Path) -> None:
    async def look() -> list[str]:
        db = SqliteDatabase(path)
        try:
            await db.open()
            return list(await after_care.list_without_jobs(db, 9))
        finally:
            await db.close()

    assert asyncio.run(look()) == ["rec_old", "rec_older"]
