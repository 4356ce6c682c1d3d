"""Small pictures with soft edges, made once and laid over the planes many times."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from rtcstack.egress.recorder.layout import Rect
from rtcstack.egress.recorder.media import Plane

Mask = npt.NDArray[np.float32]
"""How much of a colour lies on each pixel, 0 to 1, shape (height, width)."""
_Planes = tuple[Plane, Plane, Plane]
_ONE: Final = 256


def _even(value: int) -> int:
    return (value + 1) // 2 * 2


def rounded(width: int, height: int, radius: float, part: Rect | None = None) -> Mask:
    """Return a rectangle with round corners, or a part of it; a circle when the radius is half of both sides."""
    part = part or Rect(0, 0, width, height)
    columns = np.arange(part.x, part.x + part.width, dtype=np.float32)
    rows = np.arange(part.y, part.y + part.height, dtype=np.float32)
    x = np.abs(columns + np.float32(0.5 - width / 2)) - np.float32(width / 2 - radius)
    y = np.abs(rows + np.float32(0.5 - height / 2)) - np.float32(height / 2 - radius)
    outside = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    inside = np.minimum(np.maximum(x[None, :], y[:, None]), 0)
    mask: Mask = np.clip(np.float32(radius + 0.5) - outside - inside, 0, 1)
    return mask


class Stamp:
    """What stays of the planes and what comes on top, in 256ths, ready to be laid anywhere at an even place."""

    def __init__(self, keep: Mask, add: tuple[Mask, Mask, Mask]) -> None:
        self.height, self.width = keep.shape
        self._layers = tuple(
            (np.round(kept * _ONE).astype(np.uint16), np.round(added * _ONE).astype(np.uint16))
            for kept, added in (
                (keep, add[0]),
                (_halved(keep), _halved(add[1])),
                (_halved(keep), _halved(add[2])),
            )
        )

    def lay(self, planes: _Planes) -> None:
        """Lay it over planes of exactly its size."""
        for target, (keep, add) in zip(planes, self._layers, strict=True):
            np.copyto(target, (target * keep + add) >> 8, casting="unsafe")


def _halved(mask: Mask) -> Mask:
    rows = mask[::2] + mask[1::2]
    half: Mask = (rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25)
    return half


class Sketch:
    """Colours painted over each other become one stamp. Sides are rounded up to even."""

    def __init__(self, width: int, height: int) -> None:
        shape = (_even(height), _even(width))
        self._keep = np.ones(shape, np.float32)
        self._add = tuple(np.zeros(shape, np.float32) for _ in range(3))

    def paint(
        self,
        mask: Mask,
        colour: Sequence[int] | Sequence[Mask],
        x: int = 0,
        y: int = 0,
        opacity: float = 1.0,
    ) -> "Sketch":
        """Paint a colour, or at 0, 0 one for each pixel, through a mask with its corner at x, y; what lies outside is cut off."""
        height, width = self._keep.shape
        mask = mask[max(0, -y) : height - y, max(0, -x) : width - x] * np.float32(opacity)
        x, y = max(0, x), max(0, y)
        part = np.s_[y : y + mask.shape[0], x : x + mask.shape[1]]
        for plane, value in zip((self._keep, *self._add), (0, *colour), strict=True):
            plane[part] = plane[part] * (1 - mask) + np.asarray(value, np.float32) * mask
        return self

    def stamp(self) -> Stamp:
        y, u, v = self._add
        return Stamp(self._keep, (y, u, v))
