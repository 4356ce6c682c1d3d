"""The recording's clock: monotonic time since the first frame, cut into ticks with absolute deadlines."""

from dataclasses import dataclass

NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class RecordingClock:
    """Deadlines are counted from the start, never from the tick before: a late tick makes no later one late."""

    start_ns: int
    """Monotonic time of pts 0."""
    framerate: int

    def deadline_ns(self, tick: int) -> int:
        return self.start_ns + tick * NS // self.framerate

    def is_late(self, tick: int, now_ns: int) -> bool:
        """Whether the deadline of the tick after this one has passed too: there is no time left to compose."""
        return now_ns >= self.deadline_ns(tick + 1)

    def sample_at(self, monotonic_ns: int, rate_hz: int) -> int:
        """Return the position on the recording's sound track that belongs to an instant; negative before the start."""
        return round((monotonic_ns - self.start_ns) * rate_hz / NS)
