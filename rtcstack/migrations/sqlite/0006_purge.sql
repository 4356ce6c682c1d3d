-- What was deleted keeps its bytes until they are purged, and counts until then.

ALTER TABLE recordings ADD COLUMN purged_at_ms INTEGER;
CREATE INDEX recordings_retained ON recordings (deleted_at_ms)
    WHERE deleted_at_ms IS NOT NULL AND purged_at_ms IS NULL;

DROP TRIGGER recordings_counted_again;
CREATE TRIGGER recordings_counted_again AFTER UPDATE OF deleted_at_ms, purged_at_ms, size_bytes ON recordings BEGIN
    UPDATE recording_days SET n = n + (new.deleted_at_ms IS NULL) - (old.deleted_at_ms IS NULL),
        bytes = bytes + (CASE WHEN new.purged_at_ms IS NULL THEN coalesce(new.size_bytes, 0) ELSE 0 END)
            - (CASE WHEN old.purged_at_ms IS NULL THEN coalesce(old.size_bytes, 0) ELSE 0 END)
        WHERE tenant_id = new.tenant_id AND day = new.started_at_ms / 86400000;
END;
INSERT INTO recording_days (tenant_id, day, n, bytes)
    SELECT tenant_id, started_at_ms / 86400000, 0, sum(size_bytes)
    FROM recordings WHERE deleted_at_ms IS NOT NULL AND size_bytes IS NOT NULL GROUP BY 1, 2
    ON CONFLICT (tenant_id, day) DO UPDATE SET bytes = bytes + excluded.bytes;

-- Whether a deleted clip's object is kept, since it was deleted with its recording.
ALTER TABLE clips ADD COLUMN is_retained INTEGER NOT NULL DEFAULT 0;
UPDATE clips SET is_retained = 1 WHERE deleted_at_ms IS NOT NULL
    AND deleted_at_ms = (SELECT deleted_at_ms FROM recordings WHERE id = recording_id);
DROP TRIGGER clips_counted;
CREATE TRIGGER clips_counted AFTER UPDATE OF deleted_at_ms, is_retained, size_bytes ON clips BEGIN
    INSERT INTO recording_days (tenant_id, day, n, bytes)
        VALUES (new.tenant_id, new.created_at_ms / 86400000, 0,
            (CASE WHEN new.deleted_at_ms IS NULL OR new.is_retained THEN coalesce(new.size_bytes, 0) ELSE 0 END)
                - (CASE WHEN old.deleted_at_ms IS NULL OR old.is_retained THEN coalesce(old.size_bytes, 0) ELSE 0 END))
        ON CONFLICT (tenant_id, day) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
INSERT INTO recording_days (tenant_id, day, n, bytes)
    SELECT tenant_id, created_at_ms / 86400000, 0, sum(size_bytes)
    FROM clips WHERE is_retained = 1 AND size_bytes IS NOT NULL GROUP BY 1, 2
    ON CONFLICT (tenant_id, day) DO UPDATE SET bytes = bytes + excluded.bytes;
