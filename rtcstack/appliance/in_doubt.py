"""Recordings that are not known to be what was recorded, for `rtcstack status`.

The database is read as it lies, read-only and without the application's code, as in `drain.py`.
"""

import contextlib
import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

_SHOWN: Final = 5
_DOUBT: Final = "FROM recordings WHERE verify_error IS NOT NULL AND deleted_at_ms IS NULL"
_COUNT: Final = f"SELECT count(*) {_DOUBT}"
_NEWEST: Final = f"SELECT id, tenant_id, verify_error {_DOUBT} ORDER BY started_at_ms DESC LIMIT {_SHOWN}"


class InDoubt(NamedTuple):
    total: int
    newest: tuple[str, ...]
    """A sentence for each of the newest few: id, tenant, what did not agree."""

    def sentences(self) -> list[str]:
        if not self.total:
            return []
        told = [f"Recordings that are not known to be what was recorded: {self.total}.", *self.newest]
        return [*told, *(["…"] if self.total > len(self.newest) else [])]


def in_doubt(database: Path) -> InDoubt:
    """Return none where there is no database yet, or where it cannot be read now."""
    if not database.is_file():
        return InDoubt(0, ())
    try:
        with contextlib.closing(
            sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=1)
        ) as connection:
            (total,) = connection.execute(_COUNT).fetchone()
            rows = connection.execute(_NEWEST).fetchall()
    except sqlite3.Error:
        return InDoubt(0, ())
    return InDoubt(total, tuple(f"  {name} ({tenant}): {error}" for name, tenant, error in rows))
