"""Snapshots of the SQLite file (https://www.sqlite.org/lang_vacuum.html, "VACUUM INTO")."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from rtcstack.adapters.sql.migrate import check_schema
from rtcstack.adapters.sql.sqlite import SqliteDatabase, sqlite_failures
from rtcstack.disk import sync
from rtcstack.errors import SchemaTooNew
from rtcstack.ports.backup import StateFaults
from rtcstack.ports.database import Database

_MOST_FAULTS = 20
_WAIT_S = 30


class SqliteSnapshots:
    def __init__(self, path: Path) -> None:
        self._path = path

    async def take(self, target: Path) -> None:
        await asyncio.to_thread(self._take, target)

    def _take(self, target: Path) -> None:
        with (
            sqlite_failures(),
            closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=_WAIT_S)) as connection,
        ):
            # One read transaction: writers go on, and nothing of what they write meanwhile gets in.
            connection.execute("VACUUM INTO ?", (str(target),))
        target.chmod(0o600)
        sync(target)

    @asynccontextmanager
    async def opened(self, file: Path) -> AsyncIterator[Database]:
        db = SqliteDatabase(file, readers=1)
        try:
            await db.open()
            yield db
        finally:
            await db.close()

    async def check(self, file: Path) -> StateFaults:
        return await asyncio.to_thread(_check, file)


def _check(file: Path) -> StateFaults:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
            return StateFaults(_damage(connection), _too_new(connection))
    except sqlite3.DatabaseError as e:
        return StateFaults([f"The state cannot be read: {e}."], None)


def _damage(connection: sqlite3.Connection) -> list[str]:
    pages = connection.execute(f"PRAGMA integrity_check({_MOST_FAULTS})").fetchall()
    faults = [f"The state is damaged: {text}." for (text,) in pages if text != "ok"]
    loose = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_FAULTS)
    return faults + [
        f"The state is damaged: a row of {table} names one of {parent} that there is not."
        for table, _, parent, _ in loose
    ]


def _too_new(connection: sqlite3.Connection) -> str | None:
    try:
        check_schema(connection)
    except SchemaTooNew as e:
        return e.message
    return None
