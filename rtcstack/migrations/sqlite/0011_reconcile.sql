-- When each check of the reconciler looked last, how far it came, and whose turn it is.
CREATE TABLE reconcile_checks (
    name           TEXT PRIMARY KEY,
    due_at_ms      INTEGER NOT NULL DEFAULT 0,
    lease_until_ms INTEGER,
    fence          INTEGER NOT NULL DEFAULT 0,
    began_at_ms    INTEGER,
    ended_at_ms    INTEGER,
    seen           INTEGER NOT NULL DEFAULT 0,
    cursor         TEXT NOT NULL DEFAULT '',
    error          TEXT
) STRICT;

-- What does not agree as of the last look. What was mended is in the audit log.
CREATE TABLE reconcile_findings (
    check_name  TEXT NOT NULL,
    subject     TEXT NOT NULL,
    kind        TEXT NOT NULL,
    tenant_id   TEXT,
    object_id   TEXT,
    message     TEXT NOT NULL,
    mended      TEXT,
    found_at_ms INTEGER NOT NULL,
    seen_at_ms  INTEGER NOT NULL,
    -- The claim of the check that saw it last.
    fence       INTEGER NOT NULL,
    PRIMARY KEY (check_name, subject, kind)
) STRICT;
CREATE INDEX reconcile_findings_by_age ON reconcile_findings (found_at_ms);

-- Object keys of tries to begin a recording that came to nothing: should an egress begin for one after all, it is stopped.
CREATE TABLE abandoned_keys (
    tenant_id       TEXT NOT NULL,
    room_id         TEXT NOT NULL,
    object_key      TEXT NOT NULL,
    recording_id    TEXT NOT NULL,
    abandoned_at_ms INTEGER NOT NULL,
    PRIMARY KEY (object_key, tenant_id)
) STRICT;

