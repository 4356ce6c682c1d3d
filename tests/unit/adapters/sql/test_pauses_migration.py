"""Migration 0018: pauses that only the audit log knew of are kept as long as their recordings."""

import sqlite3

from rtcstack.adapters.sql import migrate

_RECORDING = """INSERT INTO recordings (id, tenant_id, room_id, state, bucket, object_key, started_at_ms)
    VALUES (:id, 'default', 'r', 'ready', 'b', :id, 1)"""
_ACT = """INSERT INTO audit_log (id, at_ms, action, tenant_id, object_id, actor)
    VALUES (printf('aud_%02d', :n), :at_ms, 'recording.' || :act, 'default', :id, 'key')"""
_ACTS = (
    ("rec_a", "pause", 10),
    ("rec_b", "pause", 15),
    ("rec_a", "resume", 20),
    ("rec_a", "pause", 30),
    ("rec_a", "resume", 35),
    ("rec_a", "stop", 40),
    ("rec_gone", "pause", 50),
)


def test_pauses_of_before_are_taken_over() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    scripts = migrate._scripts()
    migrate._apply(connection, {n: script for n, script in scripts.items() if n < 18})
    connection.execute("INSERT INTO tenants (id, plan, created_at_ms) VALUES ('default', 'free', 1)")
    connection.execute(
        "INSERT INTO rooms (tenant_id, id, name, created_at_ms) VALUES ('default', 'r', 'r', 1)"
    )
    for id_ in ("rec_a", "rec_b"):
        connection.execute(_RECORDING, {"id": id_})
    for n, (id_, act, at_ms) in enumerate(_ACTS):
        connection.execute(_ACT, {"n": n, "id": id_, "act": act, "at_ms": at_ms})
    migrate._apply(connection, scripts)
    kept = connection.execute("SELECT * FROM recording_pauses ORDER BY 1, 2").fetchall()
    assert kept == [("rec_a", 10, 20), ("rec_a", 30, 35), ("rec_b", 15, None)]
    connection.close()
