"""What arrives from the room and what goes to the encoder, and the two inlets between the native thread and ours."""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rtcstack.egress.recorder.hold import Hold
from rtcstack.egress.recorder.lateness import Lateness
from rtcstack.egress.recorder.voice import Voice

RATE_HZ = 48_000
CHANNELS = 2
PATH_LAG_NS = 5_000_000
"""Beside the jitter buffers: an Opus packet waits for its last sample, a picture for being encoded, paced and decoded. Which
is longer differs by a few milliseconds: 3 with VP8, 7 with pictures encoded beforehand (measured with flashes and beeps)."""
TYPICAL_LAG_NS = PATH_LAG_NS + 19_000_000
"""Before the jitter buffers can be asked: on a clean network they hold sound 30 ms and pictures 11 ms."""
LARGEST_LAG_NS = 230_000_000
"""Sound that lags more than this stays late by the rest."""
PICTURE_DELAY_NS = 50_000_000
"""Pictures and sound stand in the file so much after their time, so that a picture which arrives late is there still when
its place comes: of two participants' pictures on two busy cores 99 in 100 came within 50 ms of their time."""
MIX_DELAY_NS = LARGEST_LAG_NS + 70_000_000 - PICTURE_DELAY_NS
"""Sound is mixed so long after its place: the largest lag, a frame's 50 ms and 20 ms for the way to us."""
MOST_HELD_PX = 15_000_000
"""Of one participant who is held back, 22 MB: sixteen pictures of 1280x720 are half a second of 30 a second."""
SMALLEST_PX, LARGEST_PX, LONGEST_SHAPE = 16, 4096, 32
"""A picture that is smaller, larger or of a longer shape is none: it would be a line, or nothing, in place of a person."""

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
    instant_ns: int
    """Monotonic; its place among the others: when it would have arrived without the delays of threads."""
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
    """The next pictures of one video track. Written by the native thread, read by the conductor's."""

    FEWEST = 4  # PICTURE_DELAY_NS at 60 pictures a second
    _MOST = 64

    def __init__(self) -> None:
        self._queue: deque[Picture] = deque()
        self._shown: Picture | None = None
        self.lateness = Lateness(PICTURE_DELAY_NS)
        self.hold = Hold()
        """The sender's: of whoever is held back more pictures are kept, of `most_px` in all."""
        self.most_px = MOST_HELD_PX
        self.ignored = 0

    def offer(self, picture: Picture) -> None:
        """Queue a picture, instead of the oldest when there are too many; absurd sizes are ignored and counted."""
        shorter, longer = sorted(picture.size)
        if shorter < SMALLEST_PX or longer > min(LARGEST_PX, LONGEST_SHAPE * shorter):
            self.ignored += 1
            return
        if picture.arrived_ns != picture.instant_ns:  # it has a stamp
            self.lateness.note(picture.arrived_ns, picture.arrived_ns - picture.instant_ns)
            self.hold.want(self.lateness.steady_ns, picture.arrived_ns)
        most = self._most(picture)
        with suppress(IndexError):  # taken by the conductor meanwhile
            while len(self._queue) >= most:
                self._queue.popleft()
        self._queue.append(picture)

    def _most(self, picture: Picture) -> int:
        """Return how many are kept: more of those that are held back, so that they can be."""
        if not self.hold.at(picture.arrived_ns):
            return self.FEWEST
        width, height = picture.size
        return max(self.FEWEST, min(self._MOST, self.most_px // (width * height)))

    @property
    def has_any(self) -> bool:
        """Whether a picture has come."""
        return bool(self._queue) or self._shown is not None

    def picture_at(self, instant_ns: int) -> Picture | None:
        """Return the newest picture whose time has come, and forget those before it.

        Of a full queue the oldest is shown before its time: the next one that comes would take its place.
        """
        while self._queue:
            oldest = self._queue[0]
            early_ns = self._due_ns(oldest, instant_ns) - instant_ns
            if early_ns > 0:
                if len(self._queue) < self._most(oldest):
                    break
                if held_ns := self.hold.at(instant_ns):
                    self.hold.limit(held_ns - early_ns, instant_ns)
            self._shown = self._queue.popleft()
        return self._shown

    def _due_ns(self, picture: Picture, instant_ns: int) -> int:
        # WebRTC stamps a track's first picture some 20 ms too early: it has no measure of its delays yet.
        due_ns = picture.arrived_ns if self._shown is None else picture.instant_ns + self.lateness.shift_ns
        return due_ns + self.hold.at(instant_ns)


class AudioInlet:
    """A bounded queue of one audio track's frames. Written by the native thread, read by the conductor's."""

    LIMIT = 40  # two seconds of 50 ms frames

    def __init__(self, *, is_mixed: bool = True) -> None:
        """Of one that is not mixed only the voice is of interest, and nothing is kept."""
        self._is_mixed = is_mixed
        self.voice = Voice()
        self._queue: deque[Sound] = deque(maxlen=self.LIMIT)
        self.overflowed = 0
        self.lag_ns = TYPICAL_LAG_NS
        """How much later than this track's pictures its sound is delivered: set from the jitter buffers' figures."""
        self.hold = Hold()
        """The sender's: its pictures have the same one."""

    def lag_at(self, instant_ns: int) -> int:
        """Return how much earlier than it was delivered sound belongs into the recording; below 0 it is held back."""
        return self.lag_ns - self.hold.at(instant_ns)

    def offer(self, sound: Sound) -> None:
        self.voice.hear(sound.samples)
        if not self._is_mixed:
            return
        if len(self._queue) == self.LIMIT:
            self.overflowed += 1
        self._queue.append(sound)

    def take(self, until_ns: int | None = None) -> list[Sound]:
        """Return what arrived up to an instant, or everything, and forget it."""
        taken = []
        while self._queue and (until_ns is None or self._queue[0].arrived_ns <= until_ns):
            taken.append(self._queue.popleft())
        return taken
