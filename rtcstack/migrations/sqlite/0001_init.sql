-- Instants are milliseconds since the epoch (UTC), flags 0/1, JSON and ids text.

CREATE TABLE tenants (
    id            TEXT PRIMARY KEY,
    plan          TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL REFERENCES tenants (id),
    secret_hash   TEXT NOT NULL,
    scope         TEXT NOT NULL,
    is_operator   INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER
) STRICT;
CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id, created_at_ms);

CREATE TABLE rooms (
    tenant_id        TEXT NOT NULL REFERENCES tenants (id),
    id               TEXT NOT NULL,
    kind             TEXT NOT NULL DEFAULT 'room',
    name             TEXT NOT NULL,
    max_participants INTEGER,
    metadata         TEXT NOT NULL DEFAULT '{}',
    created_at_ms    INTEGER NOT NULL,
    closed_at_ms     INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX rooms_by_age ON rooms (tenant_id, kind, created_at_ms DESC);

CREATE TABLE recordings (
    id              TEXT PRIMARY KEY,
    tenant_id       TEXT NOT NULL,
    room_id         TEXT NOT NULL,
    kind            TEXT NOT NULL DEFAULT 'composite',
    state           TEXT NOT NULL,
    egress_id       TEXT,
    bucket          TEXT NOT NULL,
    object_key      TEXT NOT NULL UNIQUE,
    options         TEXT NOT NULL DEFAULT '{}',
    started_at_ms   INTEGER NOT NULL,
    stopped_at_ms   INTEGER,
    completed_at_ms INTEGER,
    deleted_at_ms   INTEGER,
    archived_at_ms  INTEGER,
    duration_ms     INTEGER,
    size_bytes      INTEGER,
    checksum        TEXT,
    streams         TEXT,
    spans           TEXT,
    error_code      TEXT,
    error           TEXT,
    due_at_ms       INTEGER,
    attempts        INTEGER NOT NULL DEFAULT 0,
    lease_until_ms  INTEGER,
    fence           INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX recordings_one_active_per_room ON recordings (tenant_id, room_id)
    WHERE state IN ('queued', 'starting', 'recording', 'paused');
CREATE INDEX recordings_by_age ON recordings (tenant_id, started_at_ms DESC);
CREATE INDEX recordings_by_room ON recordings (tenant_id, room_id, started_at_ms DESC);
CREATE INDEX recordings_due ON recordings (due_at_ms) WHERE state = 'processing';

-- Every egress that ever worked for a recording: the first one, retries, later parts.
CREATE TABLE recording_parts (
    egress_id     TEXT PRIMARY KEY,
    recording_id  TEXT NOT NULL REFERENCES recordings (id),
    ordinal       INTEGER NOT NULL,
    status        TEXT NOT NULL,
    status_rank   INTEGER NOT NULL DEFAULT 0,
    started_at_ms INTEGER,
    ended_at_ms   INTEGER,
    error         TEXT,
    UNIQUE (recording_id, ordinal)
) STRICT;

CREATE TABLE webhook_endpoints (
    id             TEXT PRIMARY KEY,
    tenant_id      TEXT NOT NULL REFERENCES tenants (id),
    url            TEXT NOT NULL,
    events         TEXT NOT NULL DEFAULT '[]',
    secret         TEXT NOT NULL,
    created_at_ms  INTEGER NOT NULL,
    disabled_at_ms INTEGER,
    deleted_at_ms  INTEGER
) STRICT;
CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (tenant_id, created_at_ms);

-- What LiveKit told us, as it came; `fingerprint` is what it says, since its own ids differ between repeats.
CREATE TABLE inbox (
    seq             INTEGER PRIMARY KEY,
    fingerprint     TEXT NOT NULL UNIQUE,
    event           TEXT NOT NULL,
    body            TEXT NOT NULL,
    received_at_ms  INTEGER NOT NULL,
    due_at_ms       INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    processed_at_ms INTEGER,
    error           TEXT
) STRICT;
CREATE INDEX inbox_due ON inbox (due_at_ms, seq) WHERE processed_at_ms IS NULL;

-- What we tell customers: one row an event, one delivery a subscribed endpoint.
CREATE TABLE outbox (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL,
    event         TEXT NOT NULL,
    room_id       TEXT,
    body          TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_tenant ON outbox (tenant_id, id);

CREATE TABLE deliveries (
    outbox_id       TEXT NOT NULL REFERENCES outbox (id),
    endpoint_id     TEXT NOT NULL REFERENCES webhook_endpoints (id),
    state           TEXT NOT NULL DEFAULT 'pending',
    due_at_ms       INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    lease_until_ms  INTEGER,
    fence           INTEGER NOT NULL DEFAULT 0,
    status_code     INTEGER,
    response        TEXT,
    error           TEXT,
    duration_ms     INTEGER,
    updated_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (outbox_id, endpoint_id)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (due_at_ms) WHERE state = 'pending';
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, updated_at_ms DESC);
