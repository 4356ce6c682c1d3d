"""What recorders have done, added up from what each says about once a second."""

from dataclasses import dataclass, fields
from typing import Final

from rtcstack.egress.job import Progress

_NOTHING: Final = Progress(0, 0, 0)


@dataclass(slots=True)
class Tally:
    """Only ever grows."""

    frames: float = 0
    """Pictures that were written."""
    late: float = 0
    left_out: float = 0
    """Pictures that were left out on purpose; counted by what was the rule at the end of each second."""
    dropped: float = 0
    cpu_ms: float = 0
    steps_down: float = 0
    died: float = 0

    def note(self, before: Progress | None, now: Progress, framerate: int) -> None:
        """Take in what a recorder says; `before` is what it said last, None if this is its first word."""
        before = before or _NOTHING
        ticks = max(0, now.pts_ms - before.pts_ms) * framerate / 1000
        self.frames += max(0, now.frames - before.frames)
        self.late += max(0, now.late - before.late)
        self.left_out += ticks * (1 - 1 / now.every)
        self.dropped += max(0, now.overflowed - before.overflowed)
        self.cpu_ms += max(0, now.cpu_ms - before.cpu_ms)
        self.steps_down += now.every > before.every

    def add(self, other: "Tally") -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
