import asyncio
import sqlite3
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import pytest

from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.errors import DatabaseDamaged, DiskFull, PartUnavailable, SchemaTooNew
from rtcstack.ports.database import UniqueViolation

_ADD = "INSERT INTO tenants (id, plan, created_at_ms) VALUES (:id, 'free', 1)"
_COUNT = "SELECT count(*) AS n FROM tenants"


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    migrate(tmp_path / "x.db")
    database = SqliteDatabase(tmp_path / "x.db")
    await database.open()
    yield database
    await database.close()


async def _count(db: SqliteDatabase) -> int:
    row = await db.find(_COUNT)
    assert row is not None
    return int(row["n"])


async def test_readers_see_what_was_committed(db: SqliteDatabase) -> None:
    async with db.transaction() as tx:
        await tx.execute(_ADD, id="a")
        assert await _count(db) == 0
    assert await _count(db) == 1


async def test_an_exception_takes_everything_back(db: SqliteDatabase) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await tx.execute(_ADD, id="a")
            raise ZeroDivisionError
    assert await _count(db) == 0
    async with db.transaction() as tx:
        await tx.execute(_ADD, id="a")
    assert await _count(db) == 1


async def test_a_cancelled_request_leaves_the_writer_usable(db: SqliteDatabase) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with db.transaction() as tx:
            await tx.execute(_ADD, id="a")
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(write())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.transaction() as tx:
        await tx.execute(_ADD, id="b")
    assert [row["id"] for row in await db.all("SELECT id FROM tenants")] == ["b"]


async def test_cancelling_at_any_instant_leaves_the_writer_usable(db: SqliteDatabase) -> None:
    async def write(n: int) -> None:
        async with db.transaction() as tx:
            await tx.execute(_ADD, id=f"c{n}")

    for n in range(30):
        task = asyncio.create_task(write(n))
        for _ in range(n % 6):
            await asyncio.sleep(0)
        await asyncio.sleep(0.0002 * (n % 5))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with db.transaction() as tx:
        await tx.execute(_ADD, id="last")
    assert await db.find("SELECT 1 FROM tenants WHERE id = 'last'") is not None


async def test_a_taken_value_is_told_apart_from_a_fault(db: SqliteDatabase) -> None:
    async with db.transaction() as tx:
        await tx.execute(_ADD, id="a")
    with pytest.raises(UniqueViolation):
        async with db.transaction() as tx:
            await tx.execute(_ADD, id="a")


async def test_a_full_disk_is_named_and_the_database_recovers(db: SqliteDatabase) -> None:
    await db.find("SELECT 1")
    assert db._writer is not None
    [(pages,)] = await db._writer.all("PRAGMA page_count")
    await db._writer.all(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull):
        async with db.transaction() as tx:
            for n in range(2000):
                await tx.execute(_ADD, id=f"{n}-{'x' * 200}")
    assert await _count(db) == 0
    await db._writer.all("PRAGMA max_page_count = 1000000")
    async with db.transaction() as tx:
        await tx.execute(_ADD, id="a")
    assert await _count(db) == 1


def test_migrating_twice_does_nothing_more(tmp_path: Path) -> None:
    folder = files("rtcstack") / "migrations" / "sqlite"
    assert migrate(tmp_path / "x.db") == sorted(file.name for file in folder.iterdir())
    assert migrate(tmp_path / "x.db") == []


async def test_a_database_of_a_newer_version_is_refused(db: SqliteDatabase, tmp_path: Path) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO schema_migrations VALUES (9999, 'later.sql', 'x')")
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(tmp_path / "x.db")


async def test_a_look_up_sees_what_any_process_committed(db: SqliteDatabase, tmp_path: Path) -> None:
    sql = "SELECT plan FROM tenants WHERE id = :id"
    async with db.transaction() as tx:
        await tx.execute(_ADD, id="a")
        assert await tx.look_up(sql, id="a") is not None
        assert await db.look_up(sql, id="a") is None
    assert await db.look_up(sql, id="a") is not None
    with sqlite3.connect(tmp_path / "x.db") as other:
        other.execute("UPDATE tenants SET plan = 'scale' WHERE id = 'a'")
    other.close()
    row = await db.look_up(sql, id="a")
    assert row is not None
    assert row["plan"] == "scale"


async def test_a_look_up_that_fails_says_so_as_any_read(db: SqliteDatabase) -> None:
    with pytest.raises(PartUnavailable, match="no such table"):
        await db.look_up("SELECT 1 FROM absent WHERE id = :id", id="a")


async def test_a_look_up_keeps_no_snapshot(db: SqliteDatabase) -> None:
    """Or the log behind it could never be taken into the file."""
    await db.look_up("SELECT 1 FROM tenants WHERE id = :id", id="a")
    async with db.transaction() as tx:
        await tx.execute(_ADD, id="a")
    assert db._writer is not None
    [(busy, *_)] = await db._writer.all("PRAGMA wal_checkpoint(TRUNCATE)")
    assert busy == 0


async def test_damage_is_told_in_words(tmp_path: Path) -> None:
    migrate(tmp_path / "x.db")
    with sqlite3.connect(tmp_path / "x.db") as raw:
        raw.executemany(
            "INSERT INTO tenants (id, plan, created_at_ms) VALUES (?, 'p', 1)",
            ((f"t{n:05}",) for n in range(5_000)),
        )
        (page,) = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'tenants'").fetchone()
        (page_bytes,) = raw.execute("PRAGMA page_size").fetchone()
    raw.close()
    with (tmp_path / "x.db").open("r+b") as file:
        file.seek((page - 1) * page_bytes)
        file.write(b"\xff" * page_bytes)
    database = SqliteDatabase(tmp_path / "x.db")
    await database.open()
    try:
        for reading in (database.find, database.look_up):
            with pytest.raises(DatabaseDamaged, match=r"malformed.*rtcstack doctor"):
                await reading("SELECT * FROM tenants WHERE id = 't00001'")
        with pytest.raises(DatabaseDamaged):
            async with database.transaction() as tx:
                await tx.execute(_ADD, id="a")
        async with database.transaction() as tx:  # the writer is not left in the middle of one
            await tx.execute("UPDATE schema_migrations SET name = name")
    finally:
        await database.close()


def test_what_is_no_database_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"something else" * 1000)
    with pytest.raises(DatabaseDamaged, match="file is not a database"):
        migrate(tmp_path / "x.db")
