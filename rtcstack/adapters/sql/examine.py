"""Looks at a database as it lies, and changes nothing: `ports/doctor.py`."""

import contextlib
import sqlite3
import time
from pathlib import Path
from typing import Final

from rtcstack.adapters.sql.migrate import check_schema, count_scripts
from rtcstack.errors import SchemaTooNew
from rtcstack.ports.doctor import DatabaseState

_MOST_FAULTS: Final = 5
_CHECK_S: Final = 30.0
_OPCODES: Final = 1000
"""After so many steps SQLite asks whether to go on."""
_APPLIED: Final = "SELECT count(*) FROM schema_migrations"
_ENDPOINTS: Final = (
    "SELECT DISTINCT endpoint FROM storages WHERE replaced_at_ms IS NULL ORDER BY endpoint LIMIT ?"
)
_KEYS: Final = "SELECT DISTINCT kek_id FROM data_keys"


def examine(path: Path, within_s: float = _CHECK_S) -> tuple[DatabaseState, frozenset[str]]:
    """Return how the file is, and the ids of the keys that secrets in it are sealed under."""
    size_bytes = path.stat().st_size
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        ) as db:
            faults, is_whole = _faults(db, within_s)
            if faults:
                return DatabaseState(size_bytes, faults), frozenset()
            applied, schema_fault = _schema(db)
            state = DatabaseState(
                size_bytes, (), is_whole, applied, max(0, count_scripts() - applied), schema_fault
            )
            return state, _keys(db)
    except sqlite3.Error as e:
        return DatabaseState(size_bytes, (f"it cannot be read: {e}",)), frozenset()


def endpoints(path: Path, most: int) -> list[str]:
    """Return the endpoints of the buckets that tenants record into now; none where that cannot be read."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        ) as db:
            return [row[0] for row in db.execute(_ENDPOINTS, (most,))]
    except sqlite3.Error:
        return []


def _faults(db: sqlite3.Connection, within_s: float) -> tuple[tuple[str, ...], bool]:
    """Return what `PRAGMA quick_check` complains of, and whether it came to its end."""
    deadline = time.monotonic() + within_s
    db.set_progress_handler(lambda: time.monotonic() > deadline, _OPCODES)
    try:
        rows = [row[0] for row in db.execute(f"PRAGMA quick_check({_MOST_FAULTS})")]
    except sqlite3.OperationalError as e:
        if "interrupted" not in str(e):
            raise
        return (), False
    finally:
        db.set_progress_handler(None, 0)
    return tuple(row for row in rows if row != "ok"), True


def _schema(db: sqlite3.Connection) -> tuple[int, str]:
    try:
        (applied,) = db.execute(_APPLIED).fetchone()
    except sqlite3.OperationalError:  # no start has come to its end yet
        return 0, ""
    try:
        check_schema(db)
    except SchemaTooNew as e:
        return applied, e.message
    return applied, ""


def _keys(db: sqlite3.Connection) -> frozenset[str]:
    try:
        return frozenset(row[0] for row in db.execute(_KEYS))
    except sqlite3.OperationalError:
        return frozenset()
