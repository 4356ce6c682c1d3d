-- People who use the dashboard, and where they are signed in. A session's token is stored as its hash only.
CREATE TABLE admin_users (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash    TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES admin_users (id),
    tenant_id     TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    seen_at_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_age ON sessions (seen_at_ms);

-- What was done to one object, newest first.
CREATE INDEX audit_log_by_object ON audit_log (object_id, id);

-- A tenant's clips over all recordings.
CREATE INDEX clips_by_age ON clips (tenant_id, created_at_ms DESC, id DESC) WHERE deleted_at_ms IS NULL;
CREATE INDEX clips_processing ON clips (tenant_id) WHERE state = 'processing';

-- The rooms that are open now, among all that ever were.
CREATE INDEX rooms_open ON rooms (tenant_id, created_at_ms DESC, id DESC) WHERE closed_at_ms IS NULL;
