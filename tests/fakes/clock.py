class ManualClock:
    """Stands still until it is moved."""

    def __init__(self, at_ms: int = 1_713_693_600_000) -> None:
        self.at_ms = at_ms
        self._steady_ms = 60_000  # as of a machine that was started a minute ago

    def now_ms(self) -> int:
        return self.at_ms

    def steady_ms(self) -> int:
        return self._steady_ms

    def advance(self, seconds: float) -> None:
        """Let time pass; less than none sets the clock back, and no time passes."""
        self.at_ms += round(seconds * 1000)
        self._steady_ms += max(0, round(seconds * 1000))
