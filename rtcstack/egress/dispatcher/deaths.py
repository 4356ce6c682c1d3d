"""When a recorder has died too often: its recording ends, instead of being begun again for ever."""

from collections import deque
from typing import Final

_MOST: Final = 3
_WITHIN_S: Final = 30.0
_SHORTEST_S: Final = 1.0


class Deaths:
    """Of one egress, as far as this process has seen them."""

    def __init__(self) -> None:
        self._last: deque[tuple[float, float]] = deque(maxlen=_MOST)

    def add(self, now_s: float, lived_s: float) -> None:
        """Count a recorder that died after so long in the room; `now_s` is monotonic.

        What is in its file does not count: in a pause that is nothing, however long it lives.
        """
        self._last.append((now_s, lived_s))

    @property
    def are_too_many(self) -> bool:
        """Whether the last three came within 30 s, or none of their recorders lived a second in the room."""
        if len(self._last) < _MOST:
            return False
        is_quick = self._last[-1][0] - self._last[0][0] <= _WITHIN_S
        return is_quick or all(lived_s < _SHORTEST_S for _, lived_s in self._last)
