"""When a recorder has died too often: its recording ends, instead of being begun again for ever."""

from collections import deque
from typing import Final

_MOST: Final = 3
_WITHIN_S: Final = 30.0
_SHORTEST_MS: Final = 1000


class Deaths:
    """Of one egress, as far as this process has seen them."""

    def __init__(self) -> None:
        self._last: deque[tuple[float, int]] = deque(maxlen=_MOST)

    def add(self, now_s: float, recorded_ms: int) -> None:
        """Count a recorder that died with so much in its file; `now_s` is monotonic."""
        self._last.append((now_s, recorded_ms))

    @property
    def are_too_many(self) -> bool:
        """Whether the last three came within 30 s, or none of their recorders recorded a second."""
        if len(self._last) < _MOST:
            return False
        is_quick = self._last[-1][0] - self._last[0][0] <= _WITHIN_S
        return is_quick or all(recorded_ms < _SHORTEST_MS for _, recorded_ms in self._last)
