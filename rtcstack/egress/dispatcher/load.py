"""What one recorder needs of the machine, by what it has said of itself lately."""

from collections import deque
from typing import Final

from rtcstack.egress.dispatcher.tally import Tally
from rtcstack.egress.job import Progress
from rtcstack.egress.recorder.pressure import STEPS

_CPU_WINDOW_S: Final = 10.0
_LATE_WINDOW_S: Final = 30.0
_SETTLED_S: Final = 3.0
"""Joining and the first pictures cost more than what follows: the first seconds say nothing."""
_HOPELESS_SHARE: Final = 0.5
_SMOOTH_SHARE: Final = 0.02
"""So many pictures may come late, and a recording still counts as one that gets them all."""


class RecorderLoad:
    """Fed with every `Progress` of an egress, whichever of its recorders says it."""

    def __init__(self, framerate: int) -> None:
        self._framerate = framerate
        self._heard: deque[tuple[float, Progress]] = deque()
        self.tally = Tally()

    def note(self, progress: Progress, now_s: float) -> None:
        """Take in what was said at an instant of the monotonic clock."""
        if self._heard and progress.cpu_ms < self._heard[-1][1].cpu_ms:
            self._heard.clear()  # of another recorder, which took the place of one that died
        self.tally.note(self._heard[-1][1] if self._heard else None, progress, self._framerate)
        self._heard.append((now_s, progress))
        while now_s - self._heard[0][0] > _LATE_WINDOW_S:
            self._heard.popleft()

    @property
    def cores(self) -> float | None:
        """What it has used in the last seconds; None as long as that is not known."""
        if not self._heard:
            return None
        (began_s, first), (now_s, last) = self._lately()
        if now_s - began_s < _SETTLED_S:
            return None
        return (last.cpu_ms - first.cpu_ms) / 1000 / (now_s - began_s)

    @property
    def memory_bytes(self) -> int:
        """What it has of the memory; 0 as long as that is not known."""
        return self._heard[-1][1].memory_bytes if self._heard else 0

    @property
    def every(self) -> int:
        """Of so many ticks one gets a picture now."""
        return self._heard[-1][1].every if self._heard else 1

    @property
    def lacks_pictures(self) -> bool:
        """Whether it leaves pictures out, or comes too late with some, at this time."""
        if not self._heard:
            return False
        (began_s, first), (now_s, last) = self._lately()
        due = (last.pts_ms - first.pts_ms) * self._framerate / 1000
        is_late = now_s - began_s >= _SETTLED_S and last.late - first.late > _SMOOTH_SHARE * due
        return last.every > 1 or is_late

    @property
    def is_hopeless(self) -> bool:
        """Whether for half a minute it has come too late with most of the pictures although it makes as few as it can."""
        if not self._heard or any(progress.every < STEPS[-1] for _, progress in self._heard):
            return False
        (began_s, first), (now_s, last) = self._heard[0], self._heard[-1]
        due = (last.pts_ms - first.pts_ms) * self._framerate / 1000 / STEPS[-1]
        is_long = now_s - began_s > _LATE_WINDOW_S - _SETTLED_S
        return is_long and last.late - first.late > _HOPELESS_SHARE * due

    def _lately(self) -> tuple[tuple[float, Progress], tuple[float, Progress]]:
        """Return what was said at the beginning of the last seconds, and last."""
        now_s = self._heard[-1][0]
        return next(one for one in self._heard if now_s - one[0] <= _CPU_WINDOW_S), self._heard[-1]
