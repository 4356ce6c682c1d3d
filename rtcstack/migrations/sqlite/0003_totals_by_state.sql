-- How many recordings a tenant has in each state, by day: totals and far pages of lists by status without counting rows.
CREATE TABLE recording_state_days (
    tenant_id TEXT NOT NULL,
    state     TEXT NOT NULL,
    day       INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, state, day)
) STRICT, WITHOUT ROWID;
INSERT INTO recording_state_days (tenant_id, state, day, n)
    SELECT tenant_id, state, started_at_ms / 86400000, count(*)
    FROM recordings WHERE deleted_at_ms IS NULL GROUP BY 1, 2, 3;

CREATE TRIGGER recordings_state_counted_in AFTER INSERT ON recordings WHEN new.deleted_at_ms IS NULL BEGIN
    INSERT INTO recording_state_days (tenant_id, state, day, n)
        VALUES (new.tenant_id, new.state, new.started_at_ms / 86400000, 1)
        ON CONFLICT (tenant_id, state, day) DO UPDATE SET n = n + 1;
END;
-- Passing states leave no empty rows behind.
CREATE TRIGGER recordings_state_counted_again AFTER UPDATE OF state, deleted_at_ms ON recordings
    WHEN new.state <> old.state OR (new.deleted_at_ms IS NULL) <> (old.deleted_at_ms IS NULL) BEGIN
    UPDATE recording_state_days SET n = n - 1
        WHERE old.deleted_at_ms IS NULL
            AND tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000;
    DELETE FROM recording_state_days
        WHERE tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000 AND n = 0;
    INSERT INTO recording_state_days (tenant_id, state, day, n)
        SELECT new.tenant_id, new.state, new.started_at_ms / 86400000, 1 WHERE new.deleted_at_ms IS NULL
        ON CONFLICT (tenant_id, state, day) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER recordings_state_counted_out AFTER DELETE ON recordings WHEN old.deleted_at_ms IS NULL BEGIN
    UPDATE recording_state_days SET n = n - 1
        WHERE tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000;
    DELETE FROM recording_state_days
        WHERE tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000 AND n = 0;
END;

-- What a room has in one state, deleted or not, counted and paged within the index.
DROP INDEX recordings_by_room;
CREATE INDEX recordings_by_room
    ON recordings (tenant_id, room_id, state, deleted_at_ms, started_at_ms DESC, id DESC);
