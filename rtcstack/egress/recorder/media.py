"""What arrives from the room and what goes to the encoder, and the two inlets between the native thread and ours."""

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RATE_HZ = 48_000
CHANNELS = 2
PATH_LAG_NS = 8_000_000
"""Beside the jitter buffers: the first sample of an Opus packet waits 20 ms for the last one, a picture about 12 ms for
being encoded, paced and decoded (measured with flashes and beeps, tests/integration/egress/recorder)."""
TYPICAL_LAG_NS = PATH_LAG_NS + 19_000_000
"""Before the jitter buffers can be asked: on a clean network they hold sound 30 ms and pictures 11 ms."""
LARGEST_LAG_NS = 230_000_000
"""Sound that lags more than this stays late by the rest."""
MIX_DELAY_NS = LARGEST_LAG_NS + 70_000_000
"""Sound is mixed so long after its time: the largest lag, a frame's 50 ms and 20 ms for the way to us."""
SMALLEST_PX, LARGEST_PX = 16, 4096

Plane = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float32]
"""Shape (channels, samples), full scale ±1."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One decoded I420 frame."""

    planes: tuple[Plane, Plane, Plane]
    """Y, U, V, each of shape (height, width); chroma is half of luma, rounded up."""
    quarter_turns: int
    """Clockwise quarter turns that make it upright."""
    arrived_ns: int
    """Monotonic."""
    owner: Any = None
    """Keeps the planes' memory alive."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as stored, before rotation."""
        height, width = self.planes[0].shape
        return width, height


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """One frame of interleaved samples, shape (samples, channels)."""

    samples: npt.NDArray[np.int16]
    arrived_ns: int
    """Monotonic; when the last sample was delivered."""


class VideoInlet:
    """Holds the newest picture of one video track. Written by the native thread, read by the conductor's."""

    def __init__(self) -> None:
        self.latest: Picture | None = None
        self.ignored = 0

    def offer(self, picture: Picture) -> None:
        """Take the place of the picture before; sizes outside 16…4096 are ignored and counted."""
        if all(SMALLEST_PX <= side <= LARGEST_PX for side in picture.size):
            self.latest = picture
        else:
            self.ignored += 1


class AudioInlet:
    """A bounded queue of one audio track's frames. Written by the native thread, read by the conductor's."""

    LIMIT = 40  # two seconds of 50 ms frames

    def __init__(self) -> None:
        self._queue: deque[Sound] = deque(maxlen=self.LIMIT)
        self.overflowed = 0
        self.lag_ns = TYPICAL_LAG_NS
        """How much later than this track's pictures its sound is delivered: set from the jitter buffers' figures."""

    def offer(self, sound: Sound) -> None:
        if len(self._queue) == self.LIMIT:
            self.overflowed += 1
        self._queue.append(sound)

    def take(self) -> list[Sound]:
        taken = []
        while self._queue:
            taken.append(self._queue.popleft())
        return taken
