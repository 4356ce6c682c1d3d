"""Which of the room's time is in the file: everything but the pauses.

The recorder's clock, its pictures and its sound run on through a pause; only what goes to the writer leaves it out. So
nothing has to be brought in step again afterwards, and what was in step before the pause is so after it.
"""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rtcstack.egress.recorder.clock import NS, RecordingClock
from rtcstack.egress.recorder.media import PICTURE_DELAY_NS


@dataclass(frozen=True, slots=True)
class FileTick:
    """Where a tick of the room's time stands in the file."""

    tick: int
    """Of the file's time."""
    is_first: bool
    """The first of the file, or after a pause."""


@dataclass(slots=True)
class _Pause:
    begin: int
    """The first tick that is left out."""
    removed: int
    """So many ticks were left out before."""
    end: int | None = None
    """The first tick that is in the file again."""


class Pauses:
    """`pause` and `resume` are called from the main thread, the rest from the conductor's."""

    def __init__(
        self,
        clock: RecordingClock,
        *,
        is_paused: bool = False,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._clock, self._now_ns = clock, now_ns
        self._lock = threading.Lock()
        self._pauses = [_Pause(0, 0)] if is_paused else []
        self._next_tick = 0
        self._was_left_out = True

    def pause(self) -> None:
        """Leave out everything from the next tick on; without effect during a pause."""
        with self._lock:
            if self._is_paused:
                return
            begin = max(self._tick_after(self._now_ns()), self._next_tick)
            if self._pauses and begin < (self._pauses[-1].end or 0):
                self._pauses[-1].end = None  # the one before is not over yet
            else:
                self._pauses.append(_Pause(begin, self._removed_before(begin)))

    def resume(self, held_ns: int = 0) -> None:
        """Take in again what happens from now on: pictures and sound stand in the file some time after they happened.

        `held_ns` is how much longer somebody's are held back.
        """
        with self._lock:
            if self._is_paused:
                tick = self._tick_after(self._now_ns() + PICTURE_DELAY_NS + held_ns)
                self._pauses[-1].end = max(tick, self._next_tick, self._pauses[-1].begin)

    def place(self, tick: int) -> FileTick | None:
        """Return where the next tick goes, or None during a pause. Ticks are asked for in order, each once."""
        with self._lock:
            self._next_tick = tick + 1
            pause = self._latest(tick)
            if pause and (pause.end is None or tick < pause.end):
                self._was_left_out = True
                return None
            is_first, self._was_left_out = self._was_left_out, False
            return FileTick(tick - self._removed_before(tick), is_first)

    def kept(self, ticks: int) -> int:
        """Return how many of the first so many ticks are in the file."""
        with self._lock:
            return ticks - self._removed_before(ticks)

    def cuts(self, begin: int, end: int, rate_hz: int) -> Iterator[tuple[int, float]]:
        """Yield the pauses that touch a stretch of sound, as positions: the first sample left out, and the first one not."""
        with self._lock:
            last = bisect_right(self._pauses, end, key=lambda pause: self._sample(pause.begin, rate_hz))
            for pause in reversed(self._pauses[:last]):
                first = self._sample(pause.begin, rate_hz)
                behind = float("inf")
                if pause.end is not None:
                    removed = pause.removed + pause.end - pause.begin
                    behind = first + self._sample(removed, rate_hz) - self._sample(pause.removed, rate_hz)
                if behind < begin:
                    return
                yield first, behind

    @property
    def _is_paused(self) -> bool:
        return bool(self._pauses) and self._pauses[-1].end is None

    def _latest(self, tick: int) -> _Pause | None:
        """Return the last pause that began at this tick or before."""
        found = bisect_right(self._pauses, tick, key=lambda pause: pause.begin)
        return self._pauses[found - 1] if found else None

    def _removed_before(self, tick: int) -> int:
        pause = self._latest(tick)
        if pause is None:
            return 0
        end = tick if pause.end is None else min(tick, pause.end)
        return pause.removed + end - pause.begin

    def _tick_after(self, instant_ns: int) -> int:
        return max(0, -(-(instant_ns - self._clock.start_ns) * self._clock.framerate // NS))

    def _sample(self, tick: int, rate_hz: int) -> int:
        return round(tick * rate_hz / self._clock.framerate)
