"""Tells whoever waits for a part to stop what is waited for, so that a long wait does not look like a hang."""

import time
from collections.abc import Callable

_QUIET_S = 1.0
_EVERY_S = 10.0
_WHY = {
    "egress": "it finishes its recordings and uploads them",
    "api": "it takes in what was finished and delivers its webhooks",
}


class Waiting:
    """Call `on` often: it speaks when a wait turns out not to be short, and every ten seconds from then on.

    `way_out` is what whoever waits for uploads may do about it.
    """

    def __init__(
        self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic, *, way_out: str = ""
    ) -> None:
        self._say, self._clock, self._way_out = say, clock, way_out
        self._name = ""
        self._began = self._due = 0.0

    def on(self, name: str, longest_s: float) -> None:
        """Say that `name` is waited for, which may take up to `longest_s` before it is killed."""
        now = self._clock()
        if name != self._name:
            self._name, self._began, self._due = name, now, now + _QUIET_S
        if now < self._due:
            return
        waited_s = now - self._began
        why = _WHY.get(name, "it was asked to stop")
        so_far = f", {waited_s:.0f} s so far" if waited_s >= _EVERY_S else ""
        self._say(f"  {name:<8} waiting, up to {longest_s:.0f} s{so_far}: {why}")
        if name == "egress" and self._way_out:
            self._say(f"           {self._way_out}")
        self._due = now + (_EVERY_S if so_far else _EVERY_S - waited_s)
