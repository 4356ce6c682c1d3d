-- Who did what, when, to which object. An entry is written with what it tells of, and never changes.
CREATE TABLE audit_log (
    id         TEXT PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    action     TEXT NOT NULL,
    tenant_id  TEXT,
    object_id  TEXT,
    actor      TEXT NOT NULL,
    key_id     TEXT,
    address    TEXT,
    request_id TEXT,
    details    TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX audit_log_by_tenant ON audit_log (tenant_id, id);
CREATE INDEX audit_log_by_action ON audit_log (action, id);
CREATE INDEX audit_log_by_instant ON audit_log (at_ms);
CREATE TRIGGER audit_log_never_changes BEFORE UPDATE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log never change');
END;
