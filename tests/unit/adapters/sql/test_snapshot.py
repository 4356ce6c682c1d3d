"""Snapshots of a database that is being written to, and of ones that are broken."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.snapshot import SqliteSnapshots
from rtcstack.adapters.sql.sqlite import SqliteDatabase

_ADD = "INSERT INTO tenants (id, plan, created_at_ms) VALUES (:id, 'p', :n)"


async def _write(db: SqliteDatabase, stop: asyncio.Event) -> int:
    """Commit pairs of rows until told to stop; return how many pairs."""
    n = 0
    while not stop.is_set():
        async with db.transaction() as tx:
            await tx.execute(_ADD, id=f"a{n}", n=n)
            await tx.execute(_ADD, id=f"b{n}", n=n)
        n += 1
    return n


async def test_it_is_of_one_instant_and_holds_nobody_up(tmp_path: Path) -> None:
    migrate(tmp_path / "live.db")
    db = SqliteDatabase(tmp_path / "live.db", readers=1)
    await db.open()
    snapshots, stop = SqliteSnapshots(tmp_path / "live.db"), asyncio.Event()
    writing = asyncio.create_task(_write(db, stop))
    counts = []
    for n in range(5):
        before = await db.find("SELECT count(*) AS n FROM tenants")
        await snapshots.take(tmp_path / f"{n}.db")
        async with snapshots.opened(tmp_path / f"{n}.db") as taken:
            (row,) = await taken.all(
                "SELECT count(*) AS n, sum(id LIKE 'a%') AS a, sum(id LIKE 'b%') AS b, max(created_at_ms) AS newest"
                " FROM tenants"
            )
        assert (await snapshots.check(tmp_path / f"{n}.db")).all == []
        assert before is not None
        assert row["n"] >= before["n"], "what was committed before is in it"
        if row["n"]:
            assert row["a"] == row["b"] == row["newest"] + 1, "no half of a transaction, no gap"
        counts.append(row["n"])
    stop.set()
    assert await writing * 2 > counts[-1] > counts[0]
    await db.close()


async def test_a_newer_version_and_damage_are_told(tmp_path: Path) -> None:
    migrate(tmp_path / "live.db")
    snapshots = SqliteSnapshots(tmp_path / "live.db")
    await snapshots.take(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as db, db:
        db.execute("INSERT INTO schema_migrations VALUES (9999, 'x', 'y')")
    assert "written by a newer version" in str((await snapshots.check(tmp_path / "a.db")).too_new)
    await snapshots.take(tmp_path / "b.db")
    with closing(sqlite3.connect(tmp_path / "b.db")) as db, db:
        db.execute("INSERT INTO rooms (tenant_id, id, name, created_at_ms) VALUES ('none', 'r', 'r', 0)")
    assert (await snapshots.check(tmp_path / "b.db")).damage == [
        "The state is damaged: a row of rooms names one of tenants that there is not."
    ]
    (tmp_path / "c.db").write_bytes(b"no database at all" * 100)
    assert (await snapshots.check(tmp_path / "c.db")).damage == [
        "The state cannot be read: file is not a database."
    ]
