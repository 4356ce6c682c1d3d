"""Children of a process, found in /proc and killed."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PATIENCE_S = 60
_POLL_S = 0.02
_WAITS_POLLS = 10


async def end_child(parent_pid: int, role: bytes, task: "asyncio.Task[Any]") -> None:
    """Kill the child whose command line names `role` once it waits for something, as for a file that nobody writes.

    `task` waits for that child: if it ends before, the child did not wait.
    """
    waited = 0
    async with asyncio.timeout(_PATIENCE_S):
        while waited < _WAITS_POLLS:
            assert not task.done(), task
            pid = next((pid for pid in _children(parent_pid) if _names(pid, role)), 0)
            waited = waited + 1 if pid and _waits(pid) else 0
            await asyncio.sleep(_POLL_S)
    os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that has just ended
            yield from (int(child) for child in (task / "children").read_text().split())


def _names(pid: int, role: bytes) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return role in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False


def _waits(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"
    return False
