"""When was a sample really there? Arrival times carry the jitter of threads; their fit over some seconds does not.

The library hands frames over in real time, so arrival = offset + samples / rate, with delays that only ever add. The
offset is the median over the window: neither a stall and its burst nor a slow drift of the clocks moves it at once.
"""

from collections import deque
from statistics import median_low

from rtcstack.egress.recorder.clock import NS
from rtcstack.egress.recorder.media import RATE_HZ

_WINDOW = 80  # four seconds of 50 ms frames
_STEP_FRAMES = 8
_STEP_NS = 40_000_000
_STEP_SPREAD_NS = 20_000_000


class ArrivalFit:
    """Feed it every frame of a stream in order; it says when each one's first sample was due."""

    def __init__(self) -> None:
        self._offsets: deque[int] = deque(maxlen=_WINDOW)
        self.samples = 0
        """So many have been taken in."""
        self._offset_ns = 0
        self.missed_ns = 0
        """So much never came, by the steps that were seen. WebRTC makes up for what the network loses and goes on through
        silence, so frames are missing only where this process, or the machine, did not take them in."""

    def place(self, samples: int, arrived_ns: int) -> int:
        """Take in a frame of so many samples; return the fitted instant of its first one (monotonic ns)."""
        begin = self.samples
        self.samples += samples
        self._offsets.append(arrived_ns - self.samples * NS // RATE_HZ)
        if self._has_stepped():
            recent = list(self._offsets)[-_STEP_FRAMES:]
            self._offsets = deque(recent, maxlen=_WINDOW)
            if begin > RATE_HZ:  # in its first second a stream has not found its rhythm
                self.missed_ns = max(0, self.missed_ns + median_low(recent) - self._offset_ns)
        self._offset_ns = median_low(self._offsets)
        return self._offset_ns + begin * NS // RATE_HZ

    def _has_stepped(self) -> bool:
        """Whether the last frames agree with each other but not with the fit: samples were lost in between.

        A backlog that is being worked off never looks like this, because its delays shrink from frame to frame.
        """
        if len(self._offsets) <= _STEP_FRAMES:
            return False
        recent = list(self._offsets)[-_STEP_FRAMES:]
        low, high = min(recent), max(recent)
        far = low > self._offset_ns + _STEP_NS or high < self._offset_ns - _STEP_NS
        return far and high - low < _STEP_SPREAD_NS
