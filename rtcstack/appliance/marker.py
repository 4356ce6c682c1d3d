"""Every process of a part carries `_RTCSTACK_PART={data folder}:{part}` in its environment, and so do its children.

So all of them can be found in /proc by anyone who knows the data folder: by the supervisor, by the warden after a
killed supervisor, and by the next start. Nothing has to be told or written down, so nothing can be lost in between.
Pids are held as pidfds: they cannot come to mean another process.
"""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "_RTCSTACK_PART"
_PROC = Path("/proc")
_PARENT_FIELD = 1
"""Position in /proc/PID/stat after the command's closing bracket: state, parent, …"""


def mark(data: Path, name: str) -> str:
    """Return the variable's value for a part."""
    return f"{data}:{name}"


@dataclass(slots=True)
class Process:
    """A process of a part; `pidfd` is ours to close."""

    pid: int
    parent: int
    part: str
    pidfd: int

    def send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    def close(self) -> None:
        os.close(self.pidfd)


def _part(pid: int, prefix: bytes) -> str | None:
    for variable in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"):
        if variable.startswith(prefix):
            return variable.removeprefix(prefix).decode(errors="replace")
    return None


def _parent(pid: int) -> int:
    words = (
        (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    )
    return int(words[_PARENT_FIELD])


def _process(pid: int, prefix: bytes) -> Process | None:
    pidfd = -1
    try:
        if not (part := _part(pid, prefix)):
            return None
        pidfd = os.pidfd_open(pid)
        # Read again behind the pidfd: now the pid is known to be this process.
        if _part(pid, prefix) == part:
            found = Process(pid, _parent(pid), part, pidfd)
            pidfd = -1
            return found
    except OSError:  # gone meanwhile, or another user's
        return None
    finally:
        if pidfd >= 0:
            os.close(pidfd)
    return None


def processes(data: Path) -> list[Process]:
    """Return every living process of this data folder's parts; close each when done."""
    prefix = f"{VARIABLE}={data}:".encode()
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal()]
    return [found for pid in pids if (found := _process(pid, prefix))]


def roots(found: list[Process]) -> list[Process]:
    """Return those whose parent is not of the same part: the ones to ask to stop."""
    ours = {(process.pid, process.part) for process in found}
    return [process for process in found if (process.parent, process.part) not in ours]
