"""Waits, before the API is stopped, until it has taken in what the Egress worker finished and told the customers.

The database is read as it lies, read-only and without the application's code: the warden does this as well, and it
has to stay small. A table that does not exist yet has nothing in it.
"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

TIMEOUT_S = 15.0
_LOOK_EVERY_S = 0.1
_OPEN = {
    "recordings not finished": """
        SELECT count(*) FROM recordings
        WHERE state IN ('starting', 'recording', 'paused', 'stopping', 'processing')""",
    "events not taken in": "SELECT count(*) FROM inbox WHERE processed_at_ms IS NULL",
    "webhooks not delivered": "SELECT count(*) FROM deliveries WHERE state = 'pending' AND due_at_ms <= :now_ms",
}


def open_work(database: Path) -> dict[str, int]:
    """Return what is still to be done, by kind; empty when nothing is."""
    if not database.is_file():
        return {}
    found = {}
    with contextlib.closing(
        sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=1)
    ) as connection:
        for kind, query in _OPEN.items():
            with contextlib.suppress(sqlite3.OperationalError):
                (count,) = connection.execute(query, {"now_ms": time.time_ns() // 1_000_000}).fetchone()
                found[kind] = count
    return {kind: count for kind, count in found.items() if count}


def wait(
    database: Path,
    api_runs: Callable[[], bool],
    say: Callable[[str], None],
    hurry: threading.Event | None = None,
    timeout_s: float = TIMEOUT_S,
) -> bool:
    """Return whether nothing was left to do; gives up in time, without an API, or in a hurry."""
    deadline = time.monotonic() + timeout_s
    while left := open_work(database):
        if time.monotonic() > deadline or not api_runs() or (hurry is not None and hurry.is_set()):
            say("left for the next start: " + ", ".join(f"{count} {kind}" for kind, count in left.items()))
            return False
        time.sleep(_LOOK_EVERY_S)
    return True
