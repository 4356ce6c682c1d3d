-- One row, written anew to see whether the database takes writes: an update that changes nothing never reaches the disk.
CREATE TABLE write_check (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at_ms INTEGER NOT NULL
) STRICT;
