-- What the death of a recorder or worker left: whether there was one, and what is missing (JSON: [[at_ms, lost_ms], …]).
ALTER TABLE recordings ADD COLUMN recovered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recordings ADD COLUMN gaps TEXT;
-- The store's words, while it does not take the file.
ALTER TABLE recordings ADD COLUMN upload_waits TEXT;
