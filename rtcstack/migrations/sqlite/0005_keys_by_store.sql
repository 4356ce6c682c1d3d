-- The same key may lie in two stores. SQLite takes a column's UNIQUE away only by making the table anew; the rows keep
-- their places in all other tables, which refer to it by name.
CREATE TABLE recordings_by_store (
    id              TEXT PRIMARY KEY,
    tenant_id       TEXT NOT NULL,
    room_id         TEXT NOT NULL,
    kind            TEXT NOT NULL DEFAULT 'composite',
    state           TEXT NOT NULL,
    egress_id       TEXT,
    storage_id      TEXT REFERENCES storages (id),
    bucket          TEXT NOT NULL,
    object_key      TEXT NOT NULL,
    options         TEXT NOT NULL DEFAULT '{}',
    origin          TEXT NOT NULL DEFAULT 'api',
    started_at_ms   INTEGER NOT NULL,
    stopped_at_ms   INTEGER,
    completed_at_ms INTEGER,
    verified_at_ms  INTEGER,
    deleted_at_ms   INTEGER,
    archived_at_ms  INTEGER,
    transfer        TEXT,
    cold_bucket     TEXT,
    duration_ms     INTEGER,
    size_bytes      INTEGER,
    checksum        TEXT,
    streams         TEXT,
    spans           TEXT,
    error_code      TEXT,
    error           TEXT,
    verify_error    TEXT,
    due_at_ms       INTEGER,
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- How often in a row the store has said that it does not have the object.
    missing         INTEGER NOT NULL DEFAULT 0,
    lease_until_ms  INTEGER,
    fence           INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id)
) STRICT;
INSERT INTO recordings_by_store (
    id, tenant_id, room_id, kind, state, egress_id, bucket, object_key, options, started_at_ms,
    stopped_at_ms, completed_at_ms, deleted_at_ms, archived_at_ms, duration_ms, size_bytes, checksum,
    streams, spans, error_code, error, due_at_ms, attempts, lease_until_ms, fence, origin, transfer,
    cold_bucket, storage_id, verified_at_ms, verify_error
)
SELECT
    id, tenant_id, room_id, kind, state, egress_id, bucket, object_key, options, started_at_ms,
    stopped_at_ms, completed_at_ms, deleted_at_ms, archived_at_ms, duration_ms, size_bytes, checksum,
    streams, spans, error_code, error, due_at_ms, attempts, lease_until_ms, fence, origin, transfer,
    cold_bucket, storage_id, verified_at_ms, verify_error
FROM recordings;
DROP TABLE recordings;
ALTER TABLE recordings_by_store RENAME TO recordings;

CREATE UNIQUE INDEX recordings_one_a_key ON recordings (object_key, coalesce(storage_id, ''));
CREATE INDEX recordings_by_age ON recordings (tenant_id, started_at_ms DESC);
CREATE INDEX recordings_by_room
    ON recordings (tenant_id, room_id, state, deleted_at_ms, started_at_ms DESC, id DESC);
CREATE INDEX recordings_due ON recordings (due_at_ms) WHERE state = 'processing';
CREATE INDEX recordings_library ON recordings (tenant_id, started_at_ms DESC, id DESC) WHERE deleted_at_ms IS NULL;
CREATE INDEX recordings_library_by_room ON recordings (tenant_id, room_id, started_at_ms DESC, id DESC)
    WHERE deleted_at_ms IS NULL;
CREATE INDEX recordings_library_by_state ON recordings (tenant_id, state, started_at_ms DESC, id DESC)
    WHERE deleted_at_ms IS NULL;
CREATE UNIQUE INDEX recordings_one_active_per_room ON recordings (tenant_id, room_id)
    WHERE state IN ('queued', 'starting', 'recording', 'paused');
CREATE INDEX recordings_queued ON recordings (started_at_ms) WHERE state = 'queued';
CREATE INDEX recordings_unended ON recordings (started_at_ms)
    WHERE state IN ('starting', 'recording', 'paused', 'stopping');
CREATE TRIGGER recordings_counted_again AFTER UPDATE OF deleted_at_ms, size_bytes ON recordings BEGIN
    UPDATE recording_days SET n = n + (new.deleted_at_ms IS NULL) - (old.deleted_at_ms IS NULL),
        bytes = bytes + (CASE WHEN new.deleted_at_ms IS NULL THEN coalesce(new.size_bytes, 0) ELSE 0 END)
            - (CASE WHEN old.deleted_at_ms IS NULL THEN coalesce(old.size_bytes, 0) ELSE 0 END)
        WHERE tenant_id = new.tenant_id AND day = new.started_at_ms / 86400000;
END;
CREATE TRIGGER recordings_counted_in AFTER INSERT ON recordings WHEN new.deleted_at_ms IS NULL BEGIN
    INSERT INTO recording_days (tenant_id, day, n, bytes)
        VALUES (new.tenant_id, new.started_at_ms / 86400000, 1, coalesce(new.size_bytes, 0))
        ON CONFLICT (tenant_id, day) DO UPDATE SET n = n + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER recordings_state_counted_again AFTER UPDATE OF state, deleted_at_ms ON recordings
    WHEN new.state <> old.state OR (new.deleted_at_ms IS NULL) <> (old.deleted_at_ms IS NULL) BEGIN
    UPDATE recording_state_days SET n = n - 1
        WHERE old.deleted_at_ms IS NULL
            AND tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000;
    DELETE FROM recording_state_days
        WHERE tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000 AND n = 0;
    INSERT INTO recording_state_days (tenant_id, state, day, n)
        SELECT new.tenant_id, new.state, new.started_at_ms / 86400000, 1 WHERE new.deleted_at_ms IS NULL
        ON CONFLICT (tenant_id, state, day) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER recordings_state_counted_in AFTER INSERT ON recordings WHEN new.deleted_at_ms IS NULL BEGIN
    INSERT INTO recording_state_days (tenant_id, state, day, n)
        VALUES (new.tenant_id, new.state, new.started_at_ms / 86400000, 1)
        ON CONFLICT (tenant_id, state, day) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER recordings_state_counted_out AFTER DELETE ON recordings WHEN old.deleted_at_ms IS NULL BEGIN
    UPDATE recording_state_days SET n = n - 1
        WHERE tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000;
    DELETE FROM recording_state_days
        WHERE tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000 AND n = 0;
END;
