"""What else keeps the machine busy: LiveKit, the store, another worker, whatever is no recorder of this one."""

import asyncio
import os
import time
from collections import deque
from pathlib import Path
from typing import Final

_STAT: Final = Path("/proc/stat")
_EVERY_S: Final = 2.0
_WINDOW_S: Final = 10.0
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_BUSY: Final = (0, 2, 5, 6, 7)
"""The columns of proc(5)'s /proc/stat that count: user, system, irq, softirq, steal. What runs with a niceness (column 1)
gives way to recorders, which have none.
"""


class OtherWork:
    """One a worker; `watch` looks every other second."""

    def __init__(self, stat: Path = _STAT) -> None:
        self._stat = stat
        self._seen: deque[tuple[float, float]] = deque()

    async def watch(self) -> None:
        """Look until it is cancelled."""
        while True:
            self.note(time.monotonic())
            await asyncio.sleep(_EVERY_S)

    def note(self, now_s: float) -> None:
        """Look at an instant of the monotonic clock. Outside of Linux nothing is known, and nothing counts."""
        try:
            lines = self._stat.read_text(encoding="ascii").splitlines()
        except OSError:
            return
        self._seen.append((now_s, sum(_busy_s(line) for line in lines if _is_ours(line))))
        while now_s - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()

    def cores(self, of_recorders: float, left_alone: float = 0.0) -> float:
        """Return how many cores it has used in the last seconds.

        `of_recorders` is what this worker's recorders have used of them; `left_alone` are the machine's cores that are
        not this worker's by a container's limit: whoever else is there has them first.
        """
        if len(self._seen) < 2:  # noqa: PLR2004 - a difference takes two
            return 0.0
        (began_s, before), (now_s, busy) = self._seen[0], self._seen[-1]
        return max(0.0, (busy - before) / (now_s - began_s) - of_recorders - left_alone)


def _busy_s(line: str) -> float:
    columns = line.split()[1:]
    return sum(int(columns[at]) for at in _BUSY) / _TICKS_PER_S


def _is_ours(line: str) -> bool:
    """Tell whether a line is of a CPU that this process may use."""
    name = line.partition(" ")[0]
    return name[:3] == "cpu" and name[3:].isdigit() and int(name[3:]) in os.sched_getaffinity(0)
