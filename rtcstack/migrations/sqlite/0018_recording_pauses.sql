-- When a recording was paused: kept as long as the recording, whose length is held against it. The audit log, which says who
-- asked for it, may be forgotten sooner. Until now it was the only place.
CREATE TABLE recording_pauses (
    recording_id TEXT NOT NULL REFERENCES recordings (id),
    began_at_ms  INTEGER NOT NULL,
    ended_at_ms  INTEGER,
    PRIMARY KEY (recording_id, began_at_ms)
) STRICT;
INSERT INTO recording_pauses (recording_id, began_at_ms, ended_at_ms)
SELECT object_id, at_ms, (SELECT min(resumed.at_ms) FROM audit_log AS resumed
    WHERE resumed.object_id = audit_log.object_id AND resumed.action = 'recording.resume' AND resumed.id > audit_log.id)
FROM audit_log WHERE action = 'recording.pause' AND object_id IN (SELECT id FROM recordings)
ON CONFLICT DO NOTHING;
