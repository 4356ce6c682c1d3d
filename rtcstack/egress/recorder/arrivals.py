"""When pictures, or sound, came: whoever was cut off learns from it what was missed."""


class Arrivals:
    """`note` whatever comes, in the one thread that hears of it."""

    def __init__(self) -> None:
        self.last_ns = 0
        """When something came last; monotonic."""
        self.longest_gap_ns = 0
        """The longest time between two of them; whoever is interested sets it to zero and looks again later."""
        self.unsure_ns = 0
        """By so much a gap may seem longer than it was, as it is looked only so often."""

    def note(self, instant_ns: int, unsure_ns: int = 0) -> None:
        self.unsure_ns = unsure_ns
        if instant_ns > self.last_ns:
            self.longest_gap_ns = max(self.longest_gap_ns, instant_ns - self.last_ns)
            self.last_ns = instant_ns

    def missed_ns(self, now_ns: int) -> int:
        """Return for how long nothing came, at the longest; the time until now counts."""
        return max(self.longest_gap_ns, now_ns - self.last_ns) - self.unsure_ns
