import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.errors import DiskFull, SchemaTooNew
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
    assert migrate(tmp_path / "x.db") == ["0001_init.sql", "0002_halls_and_library.sql"]
    assert migrate(tmp_path / "x.db") == []


async def test_a_database_of_a_newer_version_is_refused(db: SqliteDatabase, tmp_path: Path) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO schema_migrations VALUES (9999, 'later.sql', 'x')")
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(tmp_path / "x.db")
