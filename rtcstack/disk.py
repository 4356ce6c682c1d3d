"""What is to outlast a power cut."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Return when a file's bytes, or the names in a folder, are on the disk (fsync(2)). Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
