"""The picture being composed: three planes that keep what has not changed, and tiles drawn into them."""

from typing import Self

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from rtcstack.egress.recorder.layout import Rect, contain
from rtcstack.egress.recorder.media import Picture, Plane

Colour = tuple[int, int, int]
"""Y, U, V in video range."""
BACKGROUND: Colour = (24, 130, 126)
PLACEHOLDER: Colour = (52, 133, 124)


def view(plane: av.video.plane.VideoPlane) -> Plane:
    """Look at a libav plane as an array, padding left out."""
    rows: Plane = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _frame(planes: tuple[Plane, Plane, Plane]) -> av.VideoFrame:
    height, width = planes[0].shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for target, source in zip(frame.planes, planes, strict=True):
        np.copyto(view(target), source)
    return frame


class Scaler:
    """Scales one tile's pictures; libswscale keeps its tables for as long as the sizes stay."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def scale(
        self, planes: tuple[Plane, Plane, Plane], width: int, height: int
    ) -> tuple[Plane, Plane, Plane]:
        """Return planes of exactly width by height; the very same ones when they already are."""
        if planes[0].shape == (height, width):
            return planes
        scaled = self._reformatter.reformat(
            _frame(planes), width, height, "yuv420p", interpolation=Interpolation.BILINEAR, threads=1
        )
        y, u, v = (view(plane) for plane in scaled.planes)
        return y, u, v


def upright(picture: Picture) -> tuple[Plane, Plane, Plane]:
    if picture.quarter_turns == 0:
        return picture.planes
    y, u, v = (np.rot90(plane, -picture.quarter_turns) for plane in picture.planes)
    return y, u, v


class Canvas:
    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        half = (height // 2, width // 2)
        self._planes = (
            np.empty((height, width), np.uint8),
            np.empty(half, np.uint8),
            np.empty(half, np.uint8),
        )
        self.clear()

    def clear(self) -> Self:
        self.fill(Rect(0, 0, self.width, self.height), BACKGROUND)
        return self

    def fill(self, rect: Rect, colour: Colour) -> None:
        for target, value in zip(self._cut(rect), colour, strict=True):
            target[:] = value

    def draw(self, picture: Picture, cell: Rect, scaler: Scaler) -> Rect:
        """Draw the whole picture, upright and centred, as large as `cell` allows; return where it went."""
        planes = upright(picture)
        height, width = planes[0].shape
        rect = contain(width, height, cell)
        for target, source in zip(
            self._cut(rect), scaler.scale(planes, rect.width, rect.height), strict=True
        ):
            np.copyto(target, source)
        return rect

    def snapshot(self) -> av.VideoFrame:
        """Copy what is there into a frame of its own for the encoder."""
        return _frame(self._planes)

    def _cut(self, rect: Rect) -> tuple[Plane, Plane, Plane]:
        luma = np.s_[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
        chroma = np.s_[rect.y // 2 : (rect.y + rect.height) // 2, rect.x // 2 : (rect.x + rect.width) // 2]
        y, u, v = self._planes
        return y[luma], u[chroma], v[chroma]
