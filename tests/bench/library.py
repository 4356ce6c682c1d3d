"""What a dashboard shows after years: 100,000 recordings of one tenant, as many rooms that are closed, their posters,
clips, deliveries and entries of the audit log.
"""

import sqlite3
from pathlib import Path

from tests.bench import million

TOTAL = 100_000 * 5 // 3
ENDPOINT = "whk_bench"
_MANY = 100_000
_CLOSED = """INSERT INTO rooms (tenant_id, id, name, created_at_ms, closed_at_ms) VALUES (?, ?, ?, 1, 2)"""
_POSTERS = """INSERT OR IGNORE INTO previews (recording_id, poster_key, storyboard, created_at_ms)
    SELECT id, object_key || '.jpg', '{"tile_width":160,"tile_height":90,"interval_ms":5000,"sheets":[]}', 1
    FROM recordings WHERE tenant_id = ?"""
_ENDPOINT = """INSERT INTO webhook_endpoints (id, tenant_id, url, secret, created_at_ms)
    VALUES (?, ?, 'http://127.0.0.1:9/', 'x', 1)"""
_EVENT = """INSERT INTO outbox (id, tenant_id, event, room_id, body, created_at_ms)
    VALUES (?, ?, 'recording.complete', 'bench-1', '{"event":"recording.complete","data":{}}', ?)"""
_DELIVERY = """INSERT INTO deliveries (outbox_id, endpoint_id, state, due_at_ms, attempts, status_code, response,
        updated_at_ms, queued_at_ms, duration_ms, sent_at_ms)
    VALUES (?, ?, 'delivered', 1, 1, 200, 'ok', 1, 1, 12, 1)"""
_CLIP = """INSERT INTO clips (id, tenant_id, recording_id, label, start_s, end_s, mode, state, progress, bucket, object_key,
        size_bytes, created_at_ms) VALUES (?, ?, ?, ?, 1, 9, 'smart', 'complete', 1, 'bench', ?, 1000, ?)"""
_ENTRY = """INSERT INTO audit_log (id, at_ms, action, tenant_id, object_id, actor)
    VALUES (?, ?, 'recording.start', ?, ?, 'operator')"""


def event_id(number: int) -> str:
    return f"evt_{number:026d}"


def entry_id(number: int) -> str:
    return f"aud_{number:026d}"


def clip_id(number: int) -> str:
    return f"clip_{number:026d}"


def fill(database: Path) -> None:
    """Fill the database of an appliance that is stopped. Takes about half a minute."""
    million.fill(database, TOTAL)
    who, numbers = million.BIG, range(_MANY)
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(_POSTERS, (who,))
        connection.executemany(_CLOSED, ((who, f"room_{n}", f"Review of week {n}") for n in numbers))
        connection.execute(_ENDPOINT, (ENDPOINT, who))
        connection.executemany(_EVENT, ((event_id(n), who, n) for n in numbers))
        connection.executemany(_DELIVERY, ((event_id(n), ENDPOINT) for n in numbers))
        connection.executemany(
            _CLIP,
            ((clip_id(n), who, million.recording_id(0), f"Clip {n}", f"clip/{n}.mp4", n) for n in numbers),
        )
        connection.executemany(_ENTRY, ((entry_id(n), n, who, million.recording_id(n)) for n in numbers))
        connection.execute("ANALYZE")
    connection.close()
