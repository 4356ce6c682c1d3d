-- When the jobs that follow the step to `ready` (verification, previews) were last queued; null is never.

ALTER TABLE recordings ADD COLUMN jobs_queued_at_ms INTEGER;
UPDATE recordings SET jobs_queued_at_ms = coalesce(completed_at_ms, started_at_ms)
    WHERE id IN (SELECT recording_id FROM jobs WHERE kind = 'verify');

-- What is from before there were such jobs.
CREATE INDEX recordings_without_jobs ON recordings (started_at_ms)
    WHERE jobs_queued_at_ms IS NULL AND deleted_at_ms IS NULL AND state IN ('ready', 'archived');
-- What could not be read when they were done, by bucket.
CREATE INDEX recordings_unverified ON recordings (storage_id, jobs_queued_at_ms)
    WHERE storage_id IS NOT NULL AND verified_at_ms IS NULL AND deleted_at_ms IS NULL
        AND state IN ('ready', 'archived');
-- What is not what was recorded.
CREATE INDEX recordings_in_doubt ON recordings (started_at_ms)
    WHERE verify_error IS NOT NULL AND deleted_at_ms IS NULL;
