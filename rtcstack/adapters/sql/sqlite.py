"""SQLite behind `ports/database.py`: one writer guarded by a lock, read-only readers, WAL.

Writes always begin with `BEGIN IMMEDIATE`: a deferred transaction that starts to write after a read fails at once with
`SQLITE_BUSY_SNAPSHOT`, whatever the busy timeout is.

Statements run in a thread by connection, except look-ups of a key: those take 10 to 100 µs (with a million recordings), and
the way to a thread and back costs as much, with waits for the interpreter's lock that are a long tail of latencies under load.
"""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import aiosqlite

from rtcstack.errors import DatabaseDamaged, DiskFull, Internal, PartUnavailable
from rtcstack.metrics.counted import COMMITS, WRITER_WAITS
from rtcstack.ports.database import Row, Tx, UniqueViolation

_BUSY_TIMEOUT_MS = 5_000
_FULL = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_SHMSIZE,
)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY = 0xFF
"""The bits of a result code that name its kind (https://www.sqlite.org/rescode.html)."""


@contextmanager
def sqlite_failures() -> Iterator[None]:
    """Turn sqlite3's exceptions into ours."""
    try:
        yield
    except sqlite3.IntegrityError as e:
        if e.sqlite_errorcode in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
            raise UniqueViolation(str(e)) from e
        raise Internal(f"the database refused a row: {e}") from e
    except sqlite3.OperationalError as e:
        if e.sqlite_errorcode in _FULL:
            raise DiskFull("There is no space left in the data folder; free some and try again.") from e
        raise PartUnavailable(f"The database failed: {e}", part="database") from e
    except sqlite3.DatabaseError as e:
        if getattr(e, "sqlite_errorcode", 0) & _PRIMARY not in _DAMAGED:
            raise  # a statement of ours that is wrong
        raise DatabaseDamaged(f"The database is damaged ({e}); `rtcstack doctor` says what to do.") from e


class _Connection:
    """One aiosqlite connection with rows as mappings; each call is one hop to its thread."""

    def __init__(self, raw: aiosqlite.Connection) -> None:
        self._raw = raw

    async def all(self, sql: str, **params: Any) -> Sequence[Row]:
        with sqlite_failures():
            return list(await self._raw.execute_fetchall(sql, params))  # type: ignore[arg-type]  # sqlite3.Row is a mapping

    async def find(self, sql: str, **params: Any) -> Row | None:
        rows = await self.all(sql, **params)
        return rows[0] if rows else None

    look_up = find

    async def execute(self, sql: str, **params: Any) -> int:
        with sqlite_failures():
            async with self._raw.execute(sql, params) as cursor:
                return cursor.rowcount

    async def close(self) -> None:
        await self._raw.close()


async def _connect(path: Path, synchronous: str, *, is_writer: bool) -> _Connection:
    with sqlite_failures():
        raw = await aiosqlite.connect(path, isolation_level=None, cached_statements=256)
        raw.row_factory = sqlite3.Row
        try:
            await _prepare(raw, synchronous, is_writer=is_writer)
        except BaseException:
            await raw.close()  # its thread would keep the process alive
            raise
    return _Connection(raw)


async def _prepare(raw: aiosqlite.Connection, synchronous: str, *, is_writer: bool) -> None:
    await raw.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    await raw.execute("PRAGMA foreign_keys = ON")
    if is_writer:
        await raw.execute("PRAGMA journal_mode = WAL")
        await raw.execute(f"PRAGMA synchronous = {synchronous}")
        await raw.execute("PRAGMA journal_size_limit = 67108864")
    else:
        await raw.execute("PRAGMA query_only = ON")


def _connect_here(path: Path) -> sqlite3.Connection:
    """Open a reader for this thread. It waits for nothing: whoever finds it busy asks a reader that does."""
    with sqlite_failures():
        connection = sqlite3.connect(path, isolation_level=None, timeout=0, cached_statements=256)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA query_only = ON")
    return connection


class SqliteDatabase:
    """Open with `await open()`, always `await close()`: an open connection keeps the process alive."""

    def __init__(self, path: Path, *, readers: int = 2, synchronous: str = "FULL") -> None:
        self._path = path
        self._reader_count = readers
        self._synchronous = synchronous
        self._lock = asyncio.Lock()
        self._writer: _Connection | None = None
        self._readers: list[_Connection] = []
        self._turn: Iterator[_Connection] = iter(())
        self._here: sqlite3.Connection | None = None

    async def open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._writer = await _connect(self._path, self._synchronous, is_writer=True)
        for _ in range(self._reader_count):
            self._readers.append(await _connect(self._path, self._synchronous, is_writer=False))
        self._turn = itertools.cycle(self._readers)
        self._here = _connect_here(self._path)

    async def close(self) -> None:
        for connection in (*self._readers, self._writer):
            if connection is not None:
                await connection.close()
        if self._here is not None:
            self._here.close()
        self._readers, self._writer, self._here = [], None, None

    async def all(self, sql: str, **params: Any) -> Sequence[Row]:
        return await next(self._turn).all(sql, **params)

    async def find(self, sql: str, **params: Any) -> Row | None:
        return await next(self._turn).find(sql, **params)

    async def look_up(self, sql: str, **params: Any) -> Row | None:
        if self._here is not None:
            with suppress(sqlite3.DatabaseError):  # the reader below meets the same and tells, or waits
                rows = self._here.execute(sql, params).fetchall()
                return rows[0] if rows else None
        return await self.find(sql, **params)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        writer = self._writer
        if writer is None:
            raise Internal("the database is not open")
        asked_s = time.perf_counter()
        async with self._lock:
            try:
                await writer.execute("BEGIN IMMEDIATE")
                WRITER_WAITS.observe(time.perf_counter() - asked_s)
                yield writer
                ended_s = time.perf_counter()
                await writer.execute("COMMIT")
                COMMITS.observe(time.perf_counter() - ended_s)
            except BaseException:
                # Shielded: a request that is cancelled here must not leave the one writer inside a transaction.
                await asyncio.shield(_rollback(writer))
                raise


async def _rollback(writer: _Connection) -> None:
    """Undo what is open. A full disk or a commit that was under way leaves nothing to undo: that is fine too."""
    with suppress(PartUnavailable, DatabaseDamaged):
        await writer.execute("ROLLBACK")
