"""Time behind a port, so that schedules and leases can be tested without waiting."""

import time
from typing import Protocol


class Clock(Protocol):
    def now_ms(self) -> int:
        """Return milliseconds since the Unix epoch, UTC, by this machine's clock, which may be set."""
        ...

    def steady_ms(self) -> int:
        """Return milliseconds since some instant of this process's own: they go on evenly, however the clock is set."""
        ...


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def steady_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000
