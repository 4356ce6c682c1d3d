"""How long somebody's pictures and sound are held back together, so that pictures which come late are there in time.

WebRTC says of each picture when it is to be seen, but one that waits for a packet to be sent again comes after that: on a
network that loses 5 % by up to 0.4 s, for half a second or so. Sound does not wait like that. Of whoever sends through such a
network both are shown so much later for a while; everybody else stays as they are.
"""

LARGEST_HOLD_NS = 450_000_000
_STEP_NS, _SMALLEST_NS = 50_000_000, 20_000_000
"""In steps: each is a jump of the sound."""
_KEPT_NS = 60_000_000_000
"""Once pictures were late they will be again: so long nothing changes."""
_EBBS_ONE_PART_IN = 200
"""Then it goes down by 5 ms a second: the sound follows unheard."""


class Hold:
    """Of one participant. Raised by the native thread, read by the conductor's: what both look at is one attribute."""

    def __init__(self) -> None:
        self._level_until = (0, 0)
        """By how much, and until when it stays so; in ns."""
        self._most_until = (LARGEST_HOLD_NS, 0)
        self.may_rise = False
        """Not before the sender's clock says where sound lies to the stamps of pictures: until then it goes by their arrival."""

    def at(self, instant_ns: int) -> int:
        """Return by how much things are held back at an instant (monotonic)."""
        level_ns, until_ns = self._level_until
        return max(0, level_ns - max(0, instant_ns - until_ns) // _EBBS_ONE_PART_IN)

    def want(self, wanted_ns: int, now_ns: int) -> None:
        """Hold back by so much at least. More than half of what is held keeps it as it is for another minute."""
        held_ns = self.at(now_ns)
        if wanted_ns < _SMALLEST_NS or wanted_ns <= held_ns // 2 or not (self.may_rise or held_ns):
            return
        raised_ns = held_ns
        if self.may_rise and wanted_ns > held_ns:
            most_ns, limited_until_ns = self._most_until
            most_ns = most_ns if now_ns < limited_until_ns else LARGEST_HOLD_NS
            raised_ns = max(held_ns, min(most_ns, -(-wanted_ns // _STEP_NS) * _STEP_NS))
        self._level_until = (raised_ns, now_ns + _KEPT_NS)

    def limit(self, most_ns: int, now_ns: int) -> None:
        """Hold back by no more than that for a minute: there is no room for more pictures."""
        most_ns = max(0, most_ns)
        self._most_until = (most_ns, now_ns + _KEPT_NS)
        self._level_until = (min(self.at(now_ns), most_ns), now_ns + _KEPT_NS)
