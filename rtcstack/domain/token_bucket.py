"""How often somebody may call: a number of calls at once, and so many a second from then on.

Kept as one instant for each caller, at which nothing of the burst would be used up any more (the generic cell rate algorithm,
ITU-T I.371): nothing has to be counted down, and whoever has not called for a while needs no entry.
"""

from collections.abc import Callable

_MOST = 100_000
"""So many callers are remembered at most, about 15 MB."""


class TokenBuckets:
    """A bucket for each caller. `now_s` is a clock that never goes back."""

    def __init__(self, per_s: float, burst: int, now_s: Callable[[], float], *, most: int = _MOST) -> None:
        self._interval_s, self._now_s, self._most = 1 / per_s, now_s, most
        self._room_s = (burst - 1) * self._interval_s + 1e-9
        self._full_at_s: dict[str, float] = {}

    def wait_s(self, caller: str) -> float:
        """Return after how many seconds the caller may make a call: 0 if at once."""
        full_at_s = self._full_at_s.get(caller)
        return 0.0 if full_at_s is None else max(0.0, full_at_s - self._now_s() - self._room_s)

    def take(self, caller: str) -> float:
        """Count a call and return 0, or return the seconds until there may be one, which counts nothing."""
        now_s = self._now_s()
        full_at_s = self._full_at_s.get(caller, 0.0)
        if full_at_s - now_s > self._room_s:
            return full_at_s - now_s - self._room_s
        if len(self._full_at_s) >= self._most:
            self._forget(now_s)
        self._full_at_s[caller] = max(full_at_s, now_s) + self._interval_s
        return 0.0

    def give_back(self, caller: str) -> None:
        """Count a call that was taken no more."""
        if caller in self._full_at_s:
            self._full_at_s[caller] -= self._interval_s

    def __len__(self) -> int:
        return len(self._full_at_s)

    def _forget(self, now_s: float) -> None:
        """Forget whose burst is whole again; if that is not enough, those who were seen first."""
        kept = {who: at_s for who, at_s in self._full_at_s.items() if at_s > now_s}
        for who in list(kept)[: max(0, len(kept) - self._most // 2)]:
            del kept[who]
        self._full_at_s = kept
