-- Halls, the recordings library, quotas, idempotency.

ALTER TABLE rooms ADD COLUMN record INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN moderation INTEGER NOT NULL DEFAULT 0;
-- Since when nobody is in it; null while somebody is.
ALTER TABLE rooms ADD COLUMN empty_since_ms INTEGER;
-- Whether a caller stopped its recording: then none is begun by itself until somebody comes.
ALTER TABLE rooms ADD COLUMN recording_stopped INTEGER NOT NULL DEFAULT 0;
CREATE INDEX rooms_recorded_and_occupied ON rooms (tenant_id, id)
    WHERE record = 1 AND closed_at_ms IS NULL AND empty_since_ms IS NULL;

CREATE TABLE participants (
    sid          TEXT PRIMARY KEY,
    tenant_id    TEXT NOT NULL,
    room_id      TEXT NOT NULL,
    room_sid     TEXT NOT NULL,
    identity     TEXT NOT NULL,
    joined_at_ms INTEGER NOT NULL,
    left_at_ms   INTEGER
) STRICT;
CREATE INDEX participants_here ON participants (tenant_id, room_id) WHERE left_at_ms IS NULL;

ALTER TABLE recordings ADD COLUMN origin TEXT NOT NULL DEFAULT 'api';
-- Where an archived recording lies, and how far the move there or back is: pending, done, failed.
ALTER TABLE recordings ADD COLUMN transfer TEXT;
ALTER TABLE recordings ADD COLUMN cold_bucket TEXT;

CREATE INDEX recordings_queued ON recordings (started_at_ms) WHERE state = 'queued';
CREATE INDEX recordings_unended ON recordings (started_at_ms)
    WHERE state IN ('starting', 'recording', 'paused', 'stopping');
CREATE INDEX recordings_library ON recordings (tenant_id, started_at_ms DESC, id DESC) WHERE deleted_at_ms IS NULL;
CREATE INDEX recordings_library_by_state ON recordings (tenant_id, state, started_at_ms DESC, id DESC)
    WHERE deleted_at_ms IS NULL;
CREATE INDEX recordings_library_by_room ON recordings (tenant_id, room_id, started_at_ms DESC, id DESC)
    WHERE deleted_at_ms IS NULL;

-- How many recordings a tenant has, by day, and how many bytes: exact totals and deep pages without counting rows.
CREATE TABLE recording_days (
    tenant_id TEXT NOT NULL,
    day       INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    bytes     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day)
) STRICT, WITHOUT ROWID;
INSERT INTO recording_days (tenant_id, day, n, bytes)
    SELECT tenant_id, started_at_ms / 86400000, count(*), coalesce(sum(size_bytes), 0)
    FROM recordings WHERE deleted_at_ms IS NULL GROUP BY 1, 2;
CREATE TRIGGER recordings_counted_in AFTER INSERT ON recordings WHEN new.deleted_at_ms IS NULL BEGIN
    INSERT INTO recording_days (tenant_id, day, n, bytes)
        VALUES (new.tenant_id, new.started_at_ms / 86400000, 1, coalesce(new.size_bytes, 0))
        ON CONFLICT (tenant_id, day) DO UPDATE SET n = n + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER recordings_counted_again AFTER UPDATE OF deleted_at_ms, size_bytes ON recordings BEGIN
    UPDATE recording_days SET n = n + (new.deleted_at_ms IS NULL) - (old.deleted_at_ms IS NULL),
        bytes = bytes + (CASE WHEN new.deleted_at_ms IS NULL THEN coalesce(new.size_bytes, 0) ELSE 0 END)
            - (CASE WHEN old.deleted_at_ms IS NULL THEN coalesce(old.size_bytes, 0) ELSE 0 END)
        WHERE tenant_id = new.tenant_id AND day = new.started_at_ms / 86400000;
END;

-- Durable work with leases: moves to and from the archive, recoveries.
CREATE TABLE jobs (
    id             TEXT PRIMARY KEY,
    kind           TEXT NOT NULL,
    recording_id   TEXT NOT NULL REFERENCES recordings (id),
    state          TEXT NOT NULL DEFAULT 'pending',
    due_at_ms      INTEGER NOT NULL,
    attempts       INTEGER NOT NULL DEFAULT 0,
    lease_until_ms INTEGER,
    fence          INTEGER NOT NULL DEFAULT 0,
    error          TEXT,
    created_at_ms  INTEGER NOT NULL,
    updated_at_ms  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX jobs_one_a_recording ON jobs (recording_id, kind) WHERE state = 'pending';
CREATE INDEX jobs_due ON jobs (due_at_ms) WHERE state = 'pending';
CREATE INDEX jobs_by_recording ON jobs (recording_id, updated_at_ms DESC);

-- Calls by the key that their caller gave them; `body` is sealed, and null until the call is answered.
CREATE TABLE idempotency_keys (
    tenant_id     TEXT NOT NULL,
    key           TEXT NOT NULL,
    fingerprint   TEXT NOT NULL,
    status_code   INTEGER,
    body          TEXT,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at_ms);
