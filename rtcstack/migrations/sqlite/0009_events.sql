-- Endpoints that can be filtered, paused, disabled with a reason, and whose secret changes without a failed signature.
ALTER TABLE webhook_endpoints ADD COLUMN rooms TEXT NOT NULL DEFAULT '[]';
ALTER TABLE webhook_endpoints ADD COLUMN paused_at_ms INTEGER;
ALTER TABLE webhook_endpoints ADD COLUMN disabled_reason TEXT;
ALTER TABLE webhook_endpoints ADD COLUMN old_secret TEXT;
ALTER TABLE webhook_endpoints ADD COLUMN rotation_until_ms INTEGER;
ALTER TABLE webhook_endpoints ADD COLUMN updated_at_ms INTEGER NOT NULL DEFAULT 0;
UPDATE webhook_endpoints SET updated_at_ms = created_at_ms;

-- How an endpoint fares: tries that failed since the last one that did not, and until when it is left alone.
ALTER TABLE webhook_endpoints ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoints ADD COLUMN failing_since_ms INTEGER;
ALTER TABLE webhook_endpoints ADD COLUMN failed_at_ms INTEGER;
ALTER TABLE webhook_endpoints ADD COLUMN held_until_ms INTEGER;

-- Events in the order of their commits: whoever pulls them by a place in this order misses none. A number is never given twice.
CREATE TABLE outbox_in_order (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    tenant_id     TEXT NOT NULL,
    event         TEXT NOT NULL,
    room_id       TEXT,
    body          TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO outbox_in_order (id, tenant_id, event, room_id, body, created_at_ms)
    SELECT id, tenant_id, event, room_id, body, created_at_ms FROM outbox ORDER BY id;
DROP TABLE outbox;
ALTER TABLE outbox_in_order RENAME TO outbox;
CREATE INDEX outbox_by_tenant ON outbox (tenant_id, seq);
CREATE INDEX outbox_by_event ON outbox (tenant_id, event, seq);
CREATE INDEX outbox_by_instant ON outbox (tenant_id, created_at_ms, seq);

-- `queued_at_ms` begins the schedule of tries; the signature is that of the last try, at `sent_at_ms`.
ALTER TABLE deliveries ADD COLUMN queued_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN sent_at_ms INTEGER;
ALTER TABLE deliveries ADD COLUMN signature TEXT;
UPDATE deliveries SET queued_at_ms = updated_at_ms;
DROP INDEX deliveries_due;
DROP INDEX deliveries_by_endpoint;
CREATE INDEX deliveries_due ON deliveries (endpoint_id, due_at_ms, outbox_id) WHERE state = 'pending';
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, outbox_id);
CREATE INDEX deliveries_by_state ON deliveries (state, endpoint_id, outbox_id);

-- Applied events of LiveKit's, to be forgotten in time.
CREATE INDEX inbox_done ON inbox (processed_at_ms) WHERE processed_at_ms IS NOT NULL;

-- What is open is taken in the order in which it came.
DROP INDEX inbox_due;
CREATE INDEX inbox_due ON inbox (seq, due_at_ms) WHERE processed_at_ms IS NULL;
