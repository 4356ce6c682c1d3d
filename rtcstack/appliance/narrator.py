"""Tells on the terminal, or in the supervisor's log, what becomes of the parts: one line a change."""

import time
from collections.abc import Callable

from rtcstack.appliance.state import PartStatus, Snapshot

_SPOKEN = {"healthy", "unhealthy", "restarting", "failed"}


class Narrator:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._began = time.monotonic()
        self._known: dict[str, tuple[str, str]] = {}

    def __call__(self, snapshot: Snapshot) -> None:
        for part in snapshot.parts:
            now = (part.state, part.note)
            if part.state in _SPOKEN and self._known.get(part.name) != now:
                self._say(self._line(part))
            self._known[part.name] = now

    def _line(self, part: PartStatus) -> str:
        about = part.note or part.address
        return f"  {part.name:<8} {part.state:<10} {time.monotonic() - self._began:6.2f} s  {about}".rstrip()
