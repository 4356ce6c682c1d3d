"""What is laid over a tile: a name, a frame with round corners, and the initials of somebody without a picture."""

from functools import lru_cache
from typing import Final

import numpy as np

from rtcstack.egress.recorder import text
from rtcstack.egress.recorder.layout import Rect, even
from rtcstack.egress.recorder.stamp import Mask, Sketch, Stamp, rounded
from rtcstack.egress.recorder.theme import Theme, colour_of

PlacedStamp = tuple[int, int, Stamp]
"""Where a stamp lies in the picture: x, y, both even."""
_SMALLEST_PX, _LARGEST_PX = 11, 26
_CACHED: Final = 256
_DISCS: Final = 64
"""As large as half a megabyte each, where one person fills the picture."""


def text_px(tile_height: int) -> int:
    """Return the size of a name in a tile so high."""
    return max(_SMALLEST_PX, min(_LARGEST_PX, tile_height // 17))


def radius(rect: Rect) -> int:
    return even(max(4, min(14, min(rect.size) // 22)))


@lru_cache(maxsize=_CACHED)
def name_label(name: str, px: int, widest: int, theme: Theme) -> Stamp | None:
    """Return `written` of a name, made once."""
    return written(name, px, widest, theme)


def written(name: str, px: int, widest: int, theme: Theme) -> Stamp | None:
    """Return a line of text on a rounded ground; None when nothing of it can be drawn in that width."""
    pad = round(px * 0.55)
    shown = text.fitted(text.drawable(name), px, widest - 2 * pad)
    if not shown:
        return None
    letters = text.mask(shown, px)
    height = letters.shape[0] + 2 * round(px * 0.12)
    width = letters.shape[1] + 2 * pad
    sketch = Sketch(width, height)
    sketch.paint(rounded(width, height, height * 0.32), theme.label, opacity=theme.label_opacity)
    return sketch.paint(letters, theme.text, pad, (height - letters.shape[0]) // 2).stamp()


def initials(name: str) -> str:
    """Return the first letters of the first and the last word, as far as they can be drawn."""
    words = [word for word in text.drawable(name).split() if any(letter.isalnum() for letter in word)]
    firsts = [next(letter for letter in word if letter.isalnum()) for word in words]
    return "".join([*firsts[:1], *firsts[1:][-1:]]).upper()


@lru_cache(maxsize=_DISCS)
def disc(name: str, size: int, theme: Theme) -> Stamp:
    """Return a disc in the person's colour with the initials on it, or a figure for a name without letters."""
    sketch = Sketch(size, size).paint(rounded(size, size, size / 2), colour_of(name))
    letters = initials(name)
    if not letters:
        return sketch.paint(_figure(size), theme.text, opacity=0.9).stamp()
    px = round(size * (0.42 if len(letters) > 1 else 0.5))
    drawn = _trimmed(text.mask(letters, px))
    height, width = drawn.shape
    return sketch.paint(drawn, (235, 128, 128), (size - width) // 2, (size - height) // 2).stamp()


def _trimmed(mask: Mask) -> Mask:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if rows.size else mask


def _figure(size: int) -> Mask:
    """A head over shoulders, cut off by the disc."""
    figure = np.zeros((size, size), np.float32)
    head, shoulders = round(size * 0.34), round(size * 0.66)
    y, x = round(size * 0.2), (size - head) // 2
    figure[y : y + head, x : x + head] = rounded(head, head, head / 2)
    y, x = round(size * 0.6), (size - shoulders) // 2
    body = rounded(shoulders, shoulders, shoulders / 2)[: size - y]
    figure[y : y + body.shape[0], x : x + shoulders] = np.maximum(
        figure[y : y + body.shape[0], x : x + shoulders], body
    )
    disc: Mask = figure * rounded(size, size, size / 2)
    return disc


@lru_cache(maxsize=_CACHED)
def frame(width: int, height: int, round_px: int, ring_px: int, theme: Theme) -> tuple[PlacedStamp, ...]:
    """Return the corners of a tile, cut round, and with a ring its four edges; places are relative to the tile."""
    if not ring_px:
        return tuple(
            _cut(width, height, round_px, 0, theme, *corner) for corner in _corners(width, height, round_px)
        )
    edge = even(max(round_px, ring_px) + 1)
    side = even(ring_px + 1)
    strips = (
        Rect(0, 0, width, edge),
        Rect(0, height - edge, width, edge),
        Rect(0, edge, side, height - 2 * edge),
        Rect(width - side, edge, side, height - 2 * edge),
    )
    return tuple(_cut(width, height, round_px, ring_px, theme, strip) for strip in strips)


def _corners(width: int, height: int, size: int) -> tuple[tuple[Rect], ...]:
    return tuple((Rect(x, y, size, size),) for y in (0, height - size) for x in (0, width - size))


def _cut(width: int, height: int, round_px: int, ring_px: int, theme: Theme, part: Rect) -> PlacedStamp:
    """Draw a part of the frame of a whole tile."""
    whole = rounded(width, height, round_px, part)
    sketch = Sketch(part.width, part.height)
    if ring_px:
        inner_part = Rect(part.x - ring_px, part.y - ring_px, part.width, part.height)
        inner = rounded(width - 2 * ring_px, height - 2 * ring_px, max(1, round_px - ring_px), inner_part)
        sketch.paint(whole * (1 - inner), theme.ring)
    sketch.paint(1 - whole, theme.background)
    return part.x, part.y, sketch.stamp()
