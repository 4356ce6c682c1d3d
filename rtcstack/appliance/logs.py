"""One log file a part. A part writes to its file by itself, so its last words survive a killed supervisor."""

import contextlib
import os
import shutil
from pathlib import Path

CAP_BYTES = 20 * 1024 * 1024
"""Beyond it the file's contents move to `{name}.log.1`, replacing what lay there."""
_TAIL_BYTES = 16 * 1024


def open_log(file: Path) -> int:
    """Return a descriptor that appends; only the owner can read the file."""
    cap(file)
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def cap(file: Path) -> None:
    """Keep the file within its bound; its writer goes on appending to the emptied file."""
    if file.is_file() and file.stat().st_size > CAP_BYTES:
        with contextlib.suppress(OSError):  # a full disk: what was written is worth less than what will be
            shutil.copyfile(file, file.with_name(f"{file.name}.1"))
        os.truncate(file, 0)


def tail(file: Path, lines: int = 15) -> str:
    """Return the last lines, empty when there is no file."""
    if not file.is_file():
        return ""
    with file.open("rb") as log:
        log.seek(max(0, file.stat().st_size - _TAIL_BYTES))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
