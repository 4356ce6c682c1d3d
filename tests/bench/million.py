"""A million recordings in the database of an appliance that is stopped, 600,000 of them one tenant's.

One in fifty has failed, all others are ready.
"""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

TOTAL = 1_000_000
ROOMS = 2000
BIG = "default"
BIG_TOTAL = TOTAL * 3 // 5
BIG_READY = BIG_TOTAL * 49 // 50
_OTHERS = 40
FIRST_MS = 1_700_000_000_000
EVERY_MS = 31_000
_ADD_TENANT = "INSERT OR IGNORE INTO tenants (id, plan, created_at_ms) VALUES (?, 'self-hosted', 1)"
_ADD_ROOM = "INSERT INTO rooms (tenant_id, id, name, created_at_ms) VALUES (?, ?, ?, 1)"
_ADD = """INSERT INTO recordings (id, tenant_id, room_id, state, egress_id, bucket, object_key, started_at_ms,
    completed_at_ms, duration_ms, size_bytes) VALUES (?, ?, ?, ?, ?, 'bench', ?, ?, ?, 60000, 1000)"""


def _tenant(number: int) -> str:
    """Three of five are the big one's."""
    return BIG if number % 5 < 3 else f"tenant-{number % _OTHERS}"


def recording_id(number: int) -> str:
    return f"rec_{number:026d}"


def _rows(rng: random.Random, total: int) -> Iterator[tuple[str | int, ...]]:
    for n in range(total):
        tenant, at_ms = _tenant(n), FIRST_MS + n * EVERY_MS + rng.randrange(EVERY_MS)
        room = f"bench-{rng.randrange(ROOMS)}"
        state = "failed" if n // 5 % 50 == 0 else "ready"
        yield recording_id(n), tenant, room, state, f"EG_{n}", f"bench/{n}.mp4", at_ms, at_ms


def fill(database: Path, total: int = TOTAL) -> None:
    """Takes about two minutes, the counting triggers included; less with fewer than the million."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        tenants = sorted({_tenant(n) for n in range(_OTHERS * 5)})
        connection.executemany(_ADD_TENANT, [(t,) for t in tenants])
        rooms = ((t, f"bench-{r}", f"bench-{r}") for t in tenants for r in range(ROOMS))
        connection.executemany(_ADD_ROOM, rooms)
        connection.executemany(_ADD, _rows(random.Random(1), total))
        connection.execute("ANALYZE")
    connection.close()
