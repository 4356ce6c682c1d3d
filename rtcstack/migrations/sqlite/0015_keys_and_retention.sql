-- What people call a key.
ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- How many days the data of a tenant's deleted recordings is kept: null is as the appliance is set, -1 for ever.
ALTER TABLE tenants ADD COLUMN deleted_retention_days INTEGER;

-- Deleted recordings whose data is still there, by whose retention counts for them.
DROP INDEX recordings_retained;
CREATE INDEX recordings_retained ON recordings (tenant_id, deleted_at_ms)
    WHERE deleted_at_ms IS NOT NULL AND purged_at_ms IS NULL;
