"""How many of the ticks get a picture: all of them, or every second or third one while the machine is overloaded.

A recorder that cannot keep up loses pictures wherever it happens to be late, and motion stutters. Leaving out every second
one on purpose halves the work of composing and encoding, and the bits, and what is left comes in time.
"""

from typing import Final

STEPS: Final = (1, 2, 3)
"""Of so many ticks one gets a picture."""
_TOO_LATE: Final = 0.15
"""A second with a larger share of late pictures than this is a bad one."""
_IN_TIME: Final = 0.03
"""A second with a smaller share than this is a good one; those in between say nothing."""
_BAD_S: Final = 3
"""So many bad seconds in a row step down."""
_GOOD_S: Final = 10
"""So many good ones in a row step up again; twice as many each time that turns out to have been too early."""
_LONGEST_S: Final = 80
_SOON_S: Final = 10
"""Stepping down again within so many seconds after stepping up says that it was too early."""


class Pressure:
    """`is_due` and `note` are called for the ticks of the file, in order, by one thread."""

    def __init__(self, framerate: int) -> None:
        self._framerate = framerate
        self._step = 0
        self._due_tick = 0
        self._second = _Second()
        self._bad = self._good = 0
        self._wanted_good = _GOOD_S
        self._since_up: int | None = None
        self.reduced_ticks = 0
        """So many ticks of the file passed while not all of them were to get a picture."""
        self.most = 1
        """The largest step there was."""

    @property
    def every(self) -> int:
        return STEPS[self._step]

    def is_due(self, tick: int) -> bool:
        """Whether the tick is to get a picture."""
        if self.every > 1:
            self.reduced_ticks += 1
        return tick >= self._due_tick

    def note(self, tick: int, *, is_late: bool, goes_on: bool = False) -> None:
        """Take in how it went with a tick that was due. A gap that `goes_on` counts once, however long it is: a machine or
        a disk that stood still for a while is no pressure.
        """
        self._due_tick = tick + self.every
        if goes_on:
            return
        if tick >= self._second.end:
            self._judge(self._second)
            self._second = _Second(tick + self._framerate)
        self._second.due += 1
        self._second.late += is_late

    def _judge(self, second: "_Second") -> None:
        if not second.due:
            return
        share = second.late / second.due
        self._bad = self._bad + 1 if share > _TOO_LATE else 0
        self._good = self._good + 1 if share < _IN_TIME else 0
        if self._since_up is not None:
            self._since_up += 1
        if self._bad >= _BAD_S and self._step + 1 < len(STEPS):
            self._down()
        elif self._good >= self._wanted_good and self._step:
            self._up()

    def _down(self) -> None:
        if self._since_up is not None and self._since_up <= _SOON_S:
            self._wanted_good = min(2 * self._wanted_good, _LONGEST_S)
        self._step += 1
        self._bad = self._good = 0
        self._since_up = None
        self.most = max(self.most, self.every)

    def _up(self) -> None:
        self._step -= 1
        self._bad = self._good = 0
        self._since_up = 0


class _Second:
    def __init__(self, end: int = 0) -> None:
        self.end = end
        self.due = self.late = 0
