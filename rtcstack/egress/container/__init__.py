"""MP4 files on disk: their boxes, repairing and joining them, and the index that is kept beside them."""
