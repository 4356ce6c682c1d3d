"""Which pictures and samples belong to a clip, and at which instant of it."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

_Picture = TypeVar("_Picture")
Samples = npt.NDArray[np.float32]
"""Shape (channels, samples)."""

_JITTER_S: Final = Fraction(1, 500)
"""Containers that count milliseconds place sound by so little that the samples themselves tell the time better."""


class PictureTrim(Generic[_Picture]):
    """Takes pictures in the order shown and says which are in [begin, end), each edge moved to the nearest picture.

    The clip's time begins with its first picture; at least one is in it. Where pictures stand long, the one shown at
    the beginning becomes the first, though its own time is earlier.
    """

    def __init__(self, begin_s: Fraction, end_s: Fraction, frame_s: Fraction) -> None:
        self._begin_s = begin_s
        self._frame_s = frame_s
        self.first_s = begin_s - frame_s / 2
        """Pictures from here on are in."""
        self.last_s = max(end_s - frame_s / 2, self.first_s + frame_s)
        """Pictures from here on are out."""
        self.origin_s: Fraction | None = None
        """The instant of the recording at which the clip's time begins; None until it is known."""
        self._held: _Picture | None = None

    @property
    def end_s(self) -> Fraction | None:
        """The instant of the recording at which the clip ends: its last picture's end, None until it is known."""
        if self.origin_s is None:
            return None
        count = math.ceil((self.last_s - self.origin_s) / self._frame_s)
        return self.origin_s + count * self._frame_s

    def offer(self, time_s: Fraction, picture: _Picture) -> Iterator[tuple[Fraction, _Picture]]:
        """Yield what is now known to be in the clip, with its time in it."""
        if time_s < self.first_s:
            self._held = picture
            return
        if self.origin_s is None:
            yield from self._begin(time_s)
        if time_s < self.last_s:
            assert self.origin_s is not None
            yield time_s - self.origin_s, picture

    def _begin(self, time_s: Fraction) -> Iterator[tuple[Fraction, _Picture]]:
        if time_s - self._begin_s <= self._frame_s / 2:
            self.origin_s = time_s
            return
        yield from self.finish()

    def finish(self) -> Iterator[tuple[Fraction, _Picture]]:
        """Nothing comes any more: yield the picture that stands at the beginning, if none was yielded."""
        if self.origin_s is None:
            self.origin_s = self._begin_s
            if self._held is not None:
                yield Fraction(0), self._held


class SoundTrim:
    """Places samples on a clip's time without gaps; what comes before the clip's origin is known has to wait."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._waiting: list[tuple[Fraction, Samples]] = []
        self._origin_s: Fraction | None = None
        self._end = 0
        self.position = 0
        """Samples placed so far."""

    def begin(self, origin_s: Fraction, end_s: Fraction) -> Iterator[Samples]:
        """Say where the clip begins and ends in the recording; yield what waited for it."""
        if self._origin_s is None:
            self._origin_s = origin_s
            self._end = round((end_s - origin_s) * self._rate_hz)
            waiting, self._waiting = self._waiting, []
            for time_s, samples in waiting:
                yield from self.offer(time_s, samples)

    def offer(self, time_s: Fraction, samples: Samples) -> Iterator[Samples]:
        """Yield what of these samples, heard from `time_s` on, is in the clip, after silence where some are missing."""
        if self._origin_s is None:
            self._waiting.append((time_s, samples))
            return
        at = round((time_s - self._origin_s) * self._rate_hz)
        if self.position and abs(at - self.position) <= _JITTER_S * self._rate_hz:
            at = self.position
        if at > self.position:
            yield from self._take(np.zeros_like(samples, shape=(samples.shape[0], at - self.position)))
        yield from self._take(samples[:, max(self.position - at, 0) :])

    def _take(self, samples: Samples) -> Iterator[Samples]:
        block = samples[:, : self._end - self.position]
        if block.shape[1]:
            self.position += block.shape[1]
            yield block
