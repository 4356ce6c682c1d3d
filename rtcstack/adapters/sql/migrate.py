"""Numbered `.sql` files, each applied once, in one transaction with the row that says so.

A killed migration leaves nothing: SQLite's DDL is transactional. A file that changed after it was applied, or a
database written by a newer version, is refused.
"""

import hashlib
import os
import sqlite3
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from rtcstack.adapters.sql.sqlite import sqlite_failures
from rtcstack.errors import SchemaTooNew

_LEDGER = """CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT"""
_HAS_LEDGER = "SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'"
_APPLIED = "SELECT number, checksum FROM schema_migrations"
_RECORD = "INSERT INTO schema_migrations (number, name, checksum) VALUES (?, ?, ?)"


def _scripts() -> dict[int, tuple[str, str]]:
    folder = files("rtcstack") / "migrations" / "sqlite"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return {int(f.name.split("_")[0]): (f.name, f.read_text(encoding="utf-8")) for f in found}


def _statements(script: str) -> list[str]:
    """Split at the semicolons that end a statement: `executescript` would commit behind our back."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements


def _keep_private(path: Path) -> None:
    """Let only the owner read the database; SQLite gives the files beside it the mode of the database."""
    with suppress(OSError):  # it is there, or cannot be made: SQLite tells of what matters
        # Never one that is there: closing it would drop the locks of this process's connections.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with suppress(OSError):
            file.chmod(0o600)


def migrate(path: Path) -> list[str]:
    """Bring the database at `path` up to date; return the names of the files applied now.

    Raises:
        SchemaTooNew: the database knows a migration that this version does not, or another text of one.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _keep_private(path)
    scripts = _scripts()
    with sqlite_failures():
        connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # Whoever has nothing to apply does not wait for a writer.
            return [] if _is_up_to_date(connection, scripts) else _apply(connection, scripts)
        finally:
            connection.close()


def count_scripts() -> int:
    """Return how many migrations a database of this version has."""
    return len(_scripts())


def check_schema(connection: sqlite3.Connection) -> None:
    """Raises `SchemaTooNew` as `migrate` does, and changes nothing."""
    _check(dict(connection.execute(_APPLIED).fetchall()), _scripts())


def _is_up_to_date(connection: sqlite3.Connection, scripts: dict[int, tuple[str, str]]) -> bool:
    if not connection.execute(_HAS_LEDGER).fetchone():
        return False
    applied: dict[int, str] = dict(connection.execute(_APPLIED).fetchall())
    _check(applied, scripts)
    return applied.keys() == scripts.keys()


def _apply(connection: sqlite3.Connection, scripts: dict[int, tuple[str, str]]) -> list[str]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_LEDGER)
        applied: dict[int, str] = dict(connection.execute(_APPLIED).fetchall())
        _check(applied, scripts)
        done = [_run(connection, n, *scripts[n]) for n in sorted(scripts) if n not in applied]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return done


def _check(applied: dict[int, str], scripts: dict[int, tuple[str, str]]) -> None:
    for number, checksum in applied.items():
        if number not in scripts:
            raise SchemaTooNew(
                f"The database was written by a newer version (migration {number}); start that version instead."
            )
        if _checksum(scripts[number][1]) != checksum:
            raise SchemaTooNew(
                f"Migration {scripts[number][0]} is not the text that this database was made with."
            )


def _run(connection: sqlite3.Connection, number: int, name: str, script: str) -> str:
    for statement in _statements(script):
        connection.execute(statement)
    connection.execute(_RECORD, (number, name, _checksum(script)))
    return name


def _checksum(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()
