-- What waits for an endpoint may be much, and is changed a few thousand rows at a time: since when all of it is due, for as long
-- as some of it is not yet; and since when its schedule of tries begins, however long it had waited before.
ALTER TABLE webhook_endpoints ADD COLUMN hurried_at_ms INTEGER;
ALTER TABLE webhook_endpoints ADD COLUMN begun_anew_at_ms INTEGER;
CREATE INDEX webhook_endpoints_hurried ON webhook_endpoints (id) WHERE hurried_at_ms IS NOT NULL;
