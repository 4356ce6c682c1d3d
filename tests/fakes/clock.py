class ManualClock:
    """Stands still until it is moved."""

    def __init__(self, at_ms: int = 1_713_693_600_000) -> None:
        self.at_ms = at_ms

    def now_ms(self) -> int:
        return self.at_ms

    def advance(self, seconds: float) -> None:
        self.at_ms += round(seconds * 1000)
