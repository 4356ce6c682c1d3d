"""What this process uses of the machine, from `/proc`; nothing where there is none."""

import time
from pathlib import Path
from typing import Final

_MEMORY_EVERY: Final = 10


class Footprint:
    """Look at it once a second. Memory is counted only every tenth time: the kernel walks all pages for it."""

    def __init__(self) -> None:
        self._looks = 0
        self._memory_bytes = 0

    def look(self) -> tuple[int, int]:
        """Return the CPU time that was used, in milliseconds, and the memory in bytes, of which shared one counts in parts."""
        if self._looks % _MEMORY_EVERY == 0:
            self._memory_bytes = _pss_bytes()
        self._looks += 1
        return time.process_time_ns() // 1_000_000, self._memory_bytes


def _pss_bytes() -> int:
    try:
        lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
