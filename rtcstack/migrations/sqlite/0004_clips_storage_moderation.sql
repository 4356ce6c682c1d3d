-- Clips, previews, buckets of tenants' own, data keys, moderation, verification.

-- A tenant's bucket. A change of bucket or endpoint makes a new row, since recordings lie where they were written; a
-- change of the keys alone changes the row.
CREATE TABLE storages (
    id                TEXT PRIMARY KEY,
    tenant_id         TEXT NOT NULL REFERENCES tenants (id),
    endpoint          TEXT NOT NULL,
    region            TEXT NOT NULL,
    bucket            TEXT NOT NULL,
    prefix            TEXT NOT NULL DEFAULT '',
    path_style        INTEGER NOT NULL DEFAULT 0,
    access_key_id     TEXT NOT NULL,
    secret            TEXT NOT NULL,
    may_read          INTEGER NOT NULL DEFAULT 0,
    may_delete        INTEGER NOT NULL DEFAULT 0,
    revision          INTEGER NOT NULL DEFAULT 1,
    checked_at_ms     INTEGER,
    created_at_ms     INTEGER NOT NULL,
    updated_at_ms     INTEGER NOT NULL,
    -- Since when new recordings go elsewhere.
    replaced_at_ms    INTEGER
) STRICT;
CREATE UNIQUE INDEX storages_one_current ON storages (tenant_id) WHERE replaced_at_ms IS NULL;

-- Null is the shared bucket.
ALTER TABLE recordings ADD COLUMN storage_id TEXT REFERENCES storages (id);
-- When the object was held against what the recorder wrote; `verify_error` says what did not agree.
ALTER TABLE recordings ADD COLUMN verified_at_ms INTEGER;
ALTER TABLE recordings ADD COLUMN verify_error TEXT;

-- What a job is about besides its recording: a clip.
ALTER TABLE jobs ADD COLUMN subject_id TEXT NOT NULL DEFAULT '';
DROP INDEX jobs_one_a_recording;
CREATE UNIQUE INDEX jobs_one_a_subject ON jobs (recording_id, kind, subject_id) WHERE state = 'pending';

CREATE TABLE clips (
    id              TEXT PRIMARY KEY,
    tenant_id       TEXT NOT NULL,
    recording_id    TEXT NOT NULL REFERENCES recordings (id),
    label           TEXT NOT NULL,
    start_s         REAL NOT NULL,
    end_s           REAL NOT NULL,
    mode            TEXT NOT NULL,
    state           TEXT NOT NULL,
    progress        REAL NOT NULL DEFAULT 0,
    storage_id      TEXT REFERENCES storages (id),
    bucket          TEXT NOT NULL,
    object_key      TEXT NOT NULL,
    size_bytes      INTEGER,
    duration_ms     INTEGER,
    error_code      TEXT,
    error           TEXT,
    created_at_ms   INTEGER NOT NULL,
    completed_at_ms INTEGER,
    deleted_at_ms   INTEGER
) STRICT;
CREATE INDEX clips_by_recording ON clips (tenant_id, recording_id, created_at_ms DESC, id DESC)
    WHERE deleted_at_ms IS NULL;

-- A clip's bytes count like a recording's.
CREATE TRIGGER clips_counted AFTER UPDATE OF deleted_at_ms, size_bytes ON clips BEGIN
    INSERT INTO recording_days (tenant_id, day, n, bytes)
        VALUES (new.tenant_id, new.created_at_ms / 86400000, 0,
            (CASE WHEN new.deleted_at_ms IS NULL THEN coalesce(new.size_bytes, 0) ELSE 0 END)
                - (CASE WHEN old.deleted_at_ms IS NULL THEN coalesce(old.size_bytes, 0) ELSE 0 END))
        ON CONFLICT (tenant_id, day) DO UPDATE SET bytes = bytes + excluded.bytes;
END;

-- Poster and storyboard of a recording; keys lie beside it. `storyboard` is JSON: tile size, interval, sheets.
CREATE TABLE previews (
    recording_id   TEXT PRIMARY KEY REFERENCES recordings (id),
    poster_key     TEXT NOT NULL,
    storyboard     TEXT NOT NULL,
    created_at_ms  INTEGER NOT NULL
) STRICT;

-- Each tenant's data key, wrapped by the appliance's key; the newest seals, all of them open.
CREATE TABLE data_keys (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL,
    wrapped       TEXT NOT NULL,
    kek_id        TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX data_keys_by_tenant ON data_keys (tenant_id, created_at_ms DESC);
CREATE INDEX data_keys_by_kek ON data_keys (kek_id);

ALTER TABLE rooms ADD COLUMN moderation_action TEXT NOT NULL DEFAULT 'notify';

-- What a moderation provider said of a picture: live ones have no recording, `at_ms` is wall time.
CREATE TABLE moderation_findings (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL,
    room_id       TEXT NOT NULL,
    recording_id  TEXT,
    at_ms         INTEGER NOT NULL,
    position_ms   INTEGER,
    category      TEXT NOT NULL,
    likelihood    REAL NOT NULL,
    provider      TEXT NOT NULL,
    model         TEXT NOT NULL DEFAULT '',
    action        TEXT NOT NULL,
    -- Whether customers were told of this one: of a category once in a while.
    is_told       INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX moderation_findings_by_room ON moderation_findings (tenant_id, room_id, at_ms DESC);
CREATE INDEX rooms_moderated ON rooms (tenant_id, id) WHERE moderation = 1 AND closed_at_ms IS NULL;
