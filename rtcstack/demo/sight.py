"""Finding the participants' pictures in the frames of a recording, whatever its layout.

A picture is where its chroma is; it counts as seen when the mark inside can be read and names the same participant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from rtcstack.demo.picture import FLASH_BOTTOM, FLASH_TOP, GREY, WHITE, Plane, chroma, read_mark

_TOLERANCE = 9
"""Of U and V each: under half the distance between two participants, over what two lossy encoders do to a plane."""
_MIN_SAMPLES = 8
_FILLED = 0.8
_SKIP = 2
"""Of the chroma samples every second one is looked at, both ways: that is every fourth pixel."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle in the composed frame, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, luma: Plane) -> Plane:
        return luma[self.top : self.top + self.height, self.left : self.left + self.width]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One participant's picture in one frame."""

    time_s: float
    tile: Tile
    number: int
    """The frame number that its mark says."""
    is_flash: bool


@dataclass(frozen=True, slots=True)
class Frame:
    time_s: float
    seen: dict[int, Sighting]
    """By participant; who cannot be seen is left out."""


def _longest_run(profile: NDArray[np.intp]) -> tuple[int, int]:
    """Return start and length of the longest run of entries that reach half of the largest."""
    inside = profile * 2 >= max(int(profile.max()), 1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return 0, 0
    longest = int((ends - starts).argmax())
    return int(starts[longest]), int(ends[longest] - starts[longest])


def find_tile(u: Plane, v: Plane, index: int) -> Tile | None:
    """Find the participant's rectangle by its chroma, to four pixels; None when there is no such area."""
    wanted_u, wanted_v = chroma(index)
    near_u = np.abs(u[::_SKIP, ::_SKIP].astype(np.int16) - wanted_u) <= _TOLERANCE
    near_v = np.abs(v[::_SKIP, ::_SKIP].astype(np.int16) - wanted_v) <= _TOLERANCE
    mask = near_u & near_v
    top, height = _longest_run(mask.sum(1))
    left, width = _longest_run(mask[top : top + height].sum(0)) if height else (0, 0)
    if min(width, height) < _MIN_SAMPLES or mask[top : top + height, left : left + width].mean() < _FILLED:
        return None
    scale = 2 * _SKIP
    return Tile(left * scale, top * scale, width * scale, height * scale)


def _is_flash(luma: Plane) -> bool:
    height = luma.shape[0]
    region = luma[round(height * FLASH_TOP) : round(height * FLASH_BOTTOM)]
    return float(region.mean()) > (GREY + WHITE) / 2


class Finder:
    """Finds the pictures frame after frame; looks first where each one was in the frame before."""

    def __init__(self, indexes: list[int]) -> None:
        self._indexes = indexes
        self._last: dict[int, Tile] = {}

    def find(self, time_s: float, y: Plane, u: Plane, v: Plane) -> Frame:
        seen = {}
        for index in self._indexes:
            found = self._at(self._last.get(index), y, index, time_s) or self._at(
                find_tile(u, v, index), y, index, time_s
            )
            if found:
                seen[index] = found
                self._last[index] = found.tile
        return Frame(time_s, seen)

    def _at(self, tile: Tile | None, luma: Plane, index: int, time_s: float) -> Sighting | None:
        if tile is None:
            return None
        part = tile.cut(luma)
        mark = read_mark(part)
        if mark is None or mark.index != index:
            return None
        return Sighting(time_s, tile, mark.number, _is_flash(part))


def _planes(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    height, width = frame.height, frame.width
    flat = frame.to_ndarray(format="yuv420p").astype(np.uint8, copy=False).reshape(-1)
    luma, chroma_bytes = height * width, (height // 2) * (width // 2)
    u, v = flat[luma : luma + chroma_bytes], flat[luma + chroma_bytes :]
    return (
        flat[:luma].reshape(height, width),
        u.reshape(height // 2, width // 2),
        v.reshape(height // 2, width // 2),
    )


def look(file: Path, indexes: list[int], *, every: int = 1) -> Iterator[Frame]:
    """Decode the file's video and yield every `every`-th frame with the pictures found in it."""
    finder = Finder(indexes)
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for number, frame in enumerate(container.decode(stream)):
            if number % every == 0 and frame.time is not None:
                yield finder.find(frame.time, *_planes(frame))


def flash_onsets(frames: list[Frame], index: int) -> list[float]:
    """Return the times in seconds at which the participant's picture turns white."""
    onsets = []
    before = True
    for frame in frames:
        now = index in frame.seen and frame.seen[index].is_flash
        if now and not before:
            onsets.append(frame.time_s)
        before = now
    return onsets
