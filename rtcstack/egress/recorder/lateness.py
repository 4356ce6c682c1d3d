"""How long after their time the pictures of a track come, and how far their time is to be trusted.

The stamps of pictures keep the sender's rhythm for a second or two. When they are to be seen WebRTC must guess, and while a
bad network is new to it the guess runs away by up to 0.14 s a second: then every picture comes late.
"""

from collections import deque

from rtcstack.egress.recorder.clock import NS

_SPAN_NS = 2 * NS
_MOST = 128
_IN_A_ROW, _FOR_NS = 3, NS // 10
"""A stall of this machine makes several pictures late as well, but these come at one moment."""
_ENOUGH_NS = NS
"""Of less time nothing is concluded about the stamps: a picture that is alone in it may be the one that is late."""


class Lateness:
    """Written by the native thread, read by others."""

    def __init__(self, allowed_ns: int) -> None:
        """Pictures that are late by no more than `allowed_ns` are in time."""
        self._allowed_ns = allowed_ns
        self._noted: deque[tuple[int, int]] = deque(maxlen=_MOST)
        """When pictures arrived, and how long after their time."""
        self.shift_ns = 0
        """So much later than their stamps say all pictures belong: of the last two seconds' the least late one is just in time then."""

    def note(self, arrived_ns: int, late_ns: int) -> None:
        self._noted.append((arrived_ns, late_ns))
        while arrived_ns - self._noted[0][0] > _SPAN_NS:
            self._noted.popleft()
        least_ns = min(late_ns for _, late_ns in self._noted)
        is_enough = len(self._noted) >= _IN_A_ROW and arrived_ns - self._noted[0][0] >= _ENOUGH_NS
        if is_enough or least_ns < self._allowed_ns + self.shift_ns:
            self.shift_ns = max(0, least_ns - self._allowed_ns)

    @property
    def steady_ns(self) -> int:
        """Each of the last few pictures was too late by this or more."""
        newest_ns, least_ns = self._noted[-1]
        for count, (arrived_ns, late_ns) in enumerate(reversed(self._noted), 1):
            least_ns = min(least_ns, late_ns)
            if count >= _IN_A_ROW and newest_ns - arrived_ns >= _FOR_NS:
                return max(0, least_ns - self.shift_ns - self._allowed_ns)
        return 0

    def of_last_ns(self, instant_ns: int) -> int:
        """Return how long after its shifted time the last picture came that had come by then (monotonic); 0 if none had."""
        late = [late_ns for arrived_ns, late_ns in list(self._noted) if arrived_ns <= instant_ns]
        return late[-1] - self.shift_ns if late else 0
