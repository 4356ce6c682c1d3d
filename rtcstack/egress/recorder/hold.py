"""How long somebody's pictures and sound are held back together, so that pictures which come late are there in time.

WebRTC says of each picture when it is to be seen, but one that waits for a packet to be sent again comes after that: on a
network that loses 5 % by up to 0.4 s, for half a second or so. Sound does not wait like that. Of whoever sends through such a
network both are shown so much later for a while; everybody else stays as they are.
"""

LARGEST_HOLD_NS = 450_000_000
_KEPT_NS = 60_000_000_000
"""Once pictures were late they will be again: so long nothing changes."""
_EBBS = 200
"""Then it goes down by 5 ms a second, which is one part in so many: the sound follows unheard."""


class Hold:
    """Raised by the native thread, read by the conductor's: one assignment changes it."""

    def __init__(self) -> None:
        self._level_ns, self._kept_until_ns = 0, 0
        self._most_ns = LARGEST_HOLD_NS

    def at(self, instant_ns: int) -> int:
        """Return by how much things are held back at an instant (monotonic)."""
        return max(0, self._level_ns - max(0, instant_ns - self._kept_until_ns) // _EBBS)

    def want(self, wanted_ns: int, now_ns: int) -> None:
        """Hold back by so much at least. Half of what is held keeps it."""
        held_ns, wanted_ns = self.at(now_ns), min(wanted_ns, self._most_ns)
        if wanted_ns > held_ns // 2:
            self._kept_until_ns = now_ns + _KEPT_NS
            self._level_ns = max(wanted_ns, held_ns)

    def limit(self, most_ns: int) -> None:
        """Hold back by no more than that from now on: there is no room for more pictures."""
        self._most_ns = max(0, min(self._most_ns, most_ns))
        self._level_ns = min(self._level_ns, self._most_ns)
