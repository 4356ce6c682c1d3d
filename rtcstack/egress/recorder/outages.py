"""For how long of the file the recorder was cut off from LiveKit: what was seen and heard meanwhile is missing."""

import time
from collections.abc import Callable
from typing import Final, Protocol

from rtcstack.egress.recorder.clock import NS

_SMALLEST_NS: Final = NS // 2
_MOST_UNNOTICED_NS: Final = 30 * NS
"""It takes a moment until a network that is gone is noticed. A screen on which nothing moves sends no pictures either."""


class Arrivals(Protocol):
    """What of the hub is needed here."""

    pictured_ns: int
    longest_unpictured_ns: int

    @property
    def awaits_pictures(self) -> bool: ...


class Outages:
    """`begin` and `end` as the connection tells; pauses of the recording do not count.

    Where pictures came before, it begins with the last one. A connection of which only the signalling was lost goes on
    delivering pictures, and nothing was missed but what lies between two of them.
    """

    def __init__(self, hub: Arrivals, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._hub, self._now_ns = hub, now_ns
        self._file_ns: Callable[[], int] = lambda: 0
        self._begun_ns: int | None = None
        self._since_ns = self._file_began_ns = 0
        self._total_ns = 0
        self.first_ns = 0
        """The wall time at which the first one began; 0 when there was none."""

    def count_in(self, file_ms: Callable[[], int]) -> None:
        """Count from now on, in the time of a file."""
        self._file_ns = lambda: file_ms() * (NS // 1000)
        self._total_ns = 0

    def begin(self) -> None:
        """The connection was lost; without effect when it was already."""
        if self._begun_ns is not None:
            return
        self._begun_ns = self._since_ns = self._now_ns()
        unnoticed_ns = self._begun_ns - self._hub.pictured_ns
        if self._hub.awaits_pictures and unnoticed_ns < _MOST_UNNOTICED_NS:
            self._since_ns -= unnoticed_ns
        else:
            self._hub.pictured_ns = self._begun_ns  # what was before says nothing about this outage
        self._file_began_ns = self._file_ns()
        self._hub.longest_unpictured_ns = 0

    def end(self) -> None:
        """There is a connection again."""
        missed_ns = self._running_ns()
        if missed_ns:
            self._note_first()
        self._total_ns += missed_ns
        self._begun_ns = None

    @property
    def total_ms(self) -> int:
        """What of the file was recorded without a connection until now."""
        running_ns = self._running_ns()
        if running_ns:
            self._note_first()
        return (self._total_ns + running_ns) * 1000 // NS

    def _note_first(self) -> None:
        self.first_ns = self.first_ns or time.time_ns() - (self._now_ns() - self._since_ns)

    def _running_ns(self) -> int:
        if self._begun_ns is None:
            return 0
        missed_ns = self._now_ns() - self._since_ns
        if self._hub.pictured_ns > self._begun_ns:
            missed_ns = self._hub.longest_unpictured_ns
        in_file_ns = self._file_ns() - self._file_began_ns + self._begun_ns - self._since_ns
        missed_ns = min(missed_ns, in_file_ns, self._file_ns())
        return missed_ns if missed_ns >= _SMALLEST_NS else 0
