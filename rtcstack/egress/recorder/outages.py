"""For how long of the file the recorder was cut off from LiveKit: what was seen and heard meanwhile is missing."""

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from rtcstack.egress.recorder.arrivals import Arrivals
from rtcstack.egress.recorder.clock import NS

_SMALLEST_NS: Final = NS // 2
_MOST_UNNOTICED_NS: Final = 30 * NS
"""It takes a moment until a network that is gone is noticed. A screen on which nothing moves sends no pictures either."""


class Media(Protocol):
    """What of the hub is needed here."""

    @property
    def awaited(self) -> Sequence[Arrivals]: ...


class Outages:
    """`begin` and `end` as the connection tells; pauses of the recording do not count.

    Where pictures or sound came before, it begins with the last that came. A connection of which only the signalling was
    lost goes on delivering them, and nothing was missed but what lies between two of them; of pictures and sound whichever
    missed less shows that there was a connection. Sound is known to a look at the statistics (`lip_sync.py`): a quarter of a
    second, in rooms of fifty microphones a second, which is taken off.
    """

    def __init__(self, media: Media, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._media, self._now_ns = media, now_ns
        self._awaited: Sequence[Arrivals] = ()
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
        self._begun_ns = now_ns = self._now_ns()
        self._awaited = self._media.awaited
        lately = [one.last_ns for one in self._awaited if now_ns - one.last_ns < _MOST_UNNOTICED_NS]
        self._since_ns = max(lately, default=now_ns)
        for one in self._awaited:
            one.last_ns = max(one.last_ns, self._since_ns)  # what was before says nothing about this outage
            one.longest_gap_ns = 0
        self._file_began_ns = self._file_ns()

    def end(self) -> None:
        """There is a connection again."""
        missed_ns = self._running_ns()
        if missed_ns:
            self._note_first()
        self._total_ns += missed_ns
        self._begun_ns = None

    @property
    def is_running(self) -> bool:
        """Whether there is no connection just now."""
        return self._begun_ns is not None

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
        now_ns = self._now_ns()
        missed_ns = min((one.missed_ns(now_ns) for one in self._awaited), default=now_ns - self._since_ns)
        in_file_ns = self._file_ns() - self._file_began_ns + self._begun_ns - self._since_ns
        missed_ns = min(missed_ns, in_file_ns, self._file_ns())
        return missed_ns if missed_ns >= _SMALLEST_NS else 0
