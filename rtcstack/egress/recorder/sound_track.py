"""One microphone on the recording's time line: frames go in as they arrive, samples come out by position."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rtcstack.egress.recorder.audio_fit import ArrivalFit
from rtcstack.egress.recorder.clock import NS, RecordingClock
from rtcstack.egress.recorder.media import CHANNELS, RATE_HZ, Samples, Sound

_RING = 1 << 17  # 2.7 s
_RESYNC = RATE_HZ * 40 // 1000
_YOUNG_RESYNC, _YOUNG = RATE_HZ * 10 // 1000, RATE_HZ
"""In its first second a track jumps sooner: its lag becomes known only then, and nobody has an ear for its rhythm yet."""
_TOLERANCE = RATE_HZ * 4 // 1000
_GOOD = RATE_HZ // 1000
"""An error beyond the tolerance is worked off until it is good; in between the sound is left as it is."""
_SHARE = 16
"""Each frame works off a sixteenth of the error, half of it in half a second. An error of 5 ms changes the pitch by half a
percent, which nobody hears; one of 40 ms by five, which one may hear for a moment, but pictures and sound would be seen
apart."""
_FADE = RATE_HZ * 5 // 1000
_RISE = np.linspace(0, 1, _FADE, dtype=np.float32)
_FULL_SCALE = np.float32(1 / 32768)


@lru_cache(maxsize=32)
def _between(count: int, length: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Samples]:
    """Return between which two of so many samples each of so many others lies, and how far from the first to the second."""
    at = np.linspace(0, count - 1, length)
    left = np.minimum(at.astype(np.intp), max(0, count - 2))
    return left, np.minimum(left + 1, count - 1), (at - left).astype(np.float32)


def stretched(samples: Samples, length: int) -> Samples:
    """Interpolate linearly. Four times as fast as `np.interp`, which works in double precision and looks for each place."""
    left, right, share = _between(samples.shape[1], length)
    begin, change = samples.take(left, axis=1), samples.take(right, axis=1)
    change -= begin
    change *= share
    change += begin
    return change


class SoundTrack:
    """Places frames by the fit of their arrival, follows slow changes unheard and jumps only beyond 40 ms; at first beyond 10."""

    def __init__(self, clock: RecordingClock) -> None:
        self._clock = clock
        self._fit = ArrivalFit()
        self._ring = np.zeros((CHANNELS, _RING), np.float32)
        self._next: int | None = None
        self._read_to = 0
        self._is_slewing = False
        self._reached = 0
        """So far something was placed once; after a jump back it may be placed there again."""
        self.resyncs = 0
        self.late = 0
        """Samples that came after their place had been mixed as silence; what was before the file's first is none."""

    def accept(self, sound: Sound, lag_ns: int) -> None:
        """Place a frame. `lag_ns` says how much later than its pictures the sound was delivered."""
        samples = np.ascontiguousarray(sound.samples.T, np.float32) * _FULL_SCALE
        count = samples.shape[1]
        begin_ns = self._fit.place(count, sound.arrived_ns) - lag_ns
        target = self._clock.sample_at(begin_ns, RATE_HZ)
        limit = _RESYNC if self._fit.samples > _YOUNG else _YOUNG_RESYNC
        if self._next is None or abs(target - self._next) > limit:
            self._next = self._resync(samples, target)
            return
        error = target - self._next
        self._is_slewing = abs(error) > (_GOOD if self._is_slewing else _TOLERANCE)
        if self._is_slewing:
            samples = stretched(samples, count + round(error / _SHARE))
        self._write(self._next, samples)
        self._next += samples.shape[1]

    def read(self, position: int, count: int) -> Samples | None:
        """Take `count` samples out; None when nothing was ever placed there."""
        self._read_to = position + count
        if self._next is None or self._next <= position:
            return None
        taken = np.empty((CHANNELS, count), np.float32)
        done = 0
        for piece in self._pieces(position, count):
            width = piece.stop - piece.start
            taken[:, done : done + width] = self._ring[:, piece]
            self._ring[:, piece] = 0
            done += width
        return taken

    def finish(self) -> None:
        """No more frames will come: let the end fade out instead of breaking off."""
        if self._next is not None:
            self._fade_out(self._next)

    @property
    def missed_ns(self) -> int:
        """How much of it is not in the file: it never came, or too late."""
        return self._fit.missed_ns + self.late * NS // RATE_HZ

    def lacks(self, position: int) -> bool:
        """Whether it has sound, but not up to this position."""
        return self._next is not None and self._next < position

    @property
    def is_spent(self) -> bool:
        return self._next is None or self._next <= self._read_to

    def _resync(self, samples: Samples, target: int) -> int:
        if self._next is not None:
            self.resyncs += 1
            self._fade_out(min(self._next, target + _FADE))
        head = samples[:, :_FADE]
        head *= _RISE[: head.shape[1]]
        if self._next is not None and target < self._next:
            head += self._peek(target, head.shape[1])
        self._write(target, samples)
        return target + int(samples.shape[1])

    def _fade_out(self, end: int) -> None:
        begin = max(end - _FADE, self._read_to)
        if begin < end:
            self._write(begin, self._peek(begin, end - begin) * _RISE[: end - begin][::-1])

    def _peek(self, position: int, count: int) -> Samples:
        return np.concatenate([self._ring[:, piece] for piece in self._pieces(position, count)], axis=1)

    def _write(self, position: int, samples: Samples) -> None:
        skip = max(0, self._read_to - position)
        end = position + samples.shape[1]
        self.late += max(0, min(self._read_to, end) - max(0, position, self._reached))
        self._reached = max(self._reached, end)
        samples = samples[:, skip:][:, : max(0, self._read_to + _RING - position - skip)]
        done = 0
        for piece in self._pieces(position + skip, samples.shape[1]):
            width = piece.stop - piece.start
            self._ring[:, piece] = samples[:, done : done + width]
            done += width

    @staticmethod
    def _pieces(position: int, count: int) -> Iterator[slice]:
        begin = position % _RING
        first = min(count, _RING - begin)
        if first:
            yield slice(begin, begin + first)
        if count > first:
            yield slice(0, count - first)
