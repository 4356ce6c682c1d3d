"""A process that stands still: it exists, it holds its connections, it answers nothing."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_WITHIN_S = 10


def _stands(pid: int) -> bool:
    """A thread that was in the kernel stops a moment later than the others, and may answer until then."""
    try:
        stats = [task.joinpath("stat").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except FileNotFoundError:  # a thread that ended just now, or the whole process
        os.kill(pid, 0)
        return False
    return {stat.rpartition(")")[2].split()[0] for stat in stats} <= {"T", "Z"}


def stop_still(pid: int) -> None:
    """Stop it and return when every thread of it stands. Raises `ProcessLookupError` when it is gone."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + _WITHIN_S
    while not _stands(pid):
        assert time.monotonic() < deadline, f"process {pid} does not stand still"
        time.sleep(0.001)


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    """Let the process stand still for as long as this lasts; whoever watches over it may have replaced it meanwhile."""
    stop_still(pid)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
