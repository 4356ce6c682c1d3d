-- Which recordings lie in a tenant's own bucket, and in which folders of it.
CREATE INDEX recordings_by_storage ON recordings (storage_id, object_key) WHERE storage_id IS NOT NULL;
