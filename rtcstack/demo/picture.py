"""A moving picture of which a decoder can tell whose it is and when it was drawn.

Every participant has a colour of its own: the two chroma planes are constant over the whole picture, so its place in
a composed frame is where this chroma is, whatever moves in the luma. The luma carries a texture that drifts, a square
that wanders, and the mark: two rows of sixteen black and white blocks, most significant bit first.

    bits 31-28  1010, to tell a mark from anything else
    bits 27-23  the participant's index
    bits 22-8   the frame's number modulo 32768
    bits 7-0    a checksum over the 24 bits before
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtcstack.demo.plan import MAX_PARTICIPANTS

Plane = NDArray[np.uint8]

NUMBERS = 1 << 15
"""Frame numbers start again after this many."""

BLACK, GREY, WHITE = 24, 110, 225
MARK_TOP, MARK_ROW = 0.08, 0.13
MARK_LEFT, MARK_WIDTH = 0.05, 0.90
FLASH_TOP, FLASH_BOTTOM = 0.45, 0.95
"""Fractions of the picture: where the mark's two rows are, and where a flash is looked for."""

_COLUMNS, _ROWS = 16, 2
_OUTER, _INNER = 16, 8
_SYNC = 0b1010
_PERIOD = 64


@dataclass(frozen=True, slots=True)
class Mark:
    index: int
    number: int


def chroma(index: int) -> tuple[int, int]:
    """Return U and V of a participant: 24 places on two rings, neighbours in order lie far apart.

    Any two lie 22 or more apart, and every one is 30 or more away from grey.
    """
    place = index % MAX_PARTICIPANTS
    if place < _OUTER:
        angle, radius = 2 * math.pi * (place * 7 % _OUTER) / _OUTER, 60
    else:
        angle, radius = 2 * math.pi * ((place - _OUTER) * 3 % _INNER) / _INNER, 30
    return round(128 + radius * math.cos(angle)), round(128 + radius * math.sin(angle))


def _checksum(value: int) -> int:
    remainder = value << 8
    for bit in range(31, 7, -1):
        if remainder >> bit & 1:
            remainder ^= 0x107 << (bit - 8)
    return remainder


def _bits(mark: Mark) -> NDArray[np.bool_]:
    head = _SYNC << 20 | (mark.index % 32) << 15 | mark.number % NUMBERS
    word = head << 8 | _checksum(head)
    return np.array([word >> shift & 1 for shift in range(31, -1, -1)], bool).reshape(_ROWS, _COLUMNS)


def _edges(start: float, width: float, count: int, size: int) -> list[int]:
    return [round(size * (start + width * i / count)) for i in range(count + 1)]


def read_mark(luma: Plane) -> Mark | None:
    """Read the mark from the luma of one participant's whole picture, at whatever size it was scaled to."""
    height, width = luma.shape
    rows = _edges(MARK_TOP, 2 * MARK_ROW, _ROWS, height)
    columns = _edges(MARK_LEFT, MARK_WIDTH, _COLUMNS, width)
    word = 0
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            y = (rows[row] + rows[row + 1]) // 2
            x = (columns[column] + columns[column + 1]) // 2
            word = word << 1 | int(luma[y - 1 : y + 2, x - 1 : x + 2].mean() > (BLACK + WHITE) / 2)
    head = word >> 8
    if head >> 20 != _SYNC or _checksum(head) != word & 255:
        return None
    return Mark(head >> 15 & 31, head % NUMBERS)


def _texture(width: int, height: int, index: int) -> Plane:
    """Waves and a little grain that repeat every 64 pixels both ways, larger than the picture by one period."""
    at = np.arange(_PERIOD) * (2 * np.pi / _PERIOD)
    waves = np.sin(at)[:, None] * 24 + np.cos(at * 2)[None, :] * 16
    grain = np.random.default_rng(index).integers(-5, 6, (_PERIOD, _PERIOD))
    tile = (GREY + waves + grain).astype(np.uint8)
    return np.tile(tile, (height // _PERIOD + 2, width // _PERIOD + 2))


class Picture:
    """Draws the frames of one participant into one buffer that is used again for every frame."""

    def __init__(self, index: int, width: int = 640, height: int = 360) -> None:
        self.width, self.height, self._index = width, height, index
        self._texture = _texture(width, height, index)
        self._columns = _edges(MARK_LEFT, MARK_WIDTH, _COLUMNS, width)
        self._rows = _edges(MARK_TOP, 2 * MARK_ROW, _ROWS, height)
        luma_bytes, chroma_bytes = width * height, (width // 2) * (height // 2)
        self._frame = np.empty(luma_bytes + 2 * chroma_bytes, np.uint8)
        self._luma = self._frame[:luma_bytes].reshape(height, width)
        self._frame[luma_bytes : luma_bytes + chroma_bytes] = chroma(index)[0]
        self._frame[luma_bytes + chroma_bytes :] = chroma(index)[1]

    def draw(self, number: int, *, flash: bool = False) -> Plane:
        """Return frame `number` as I420, one flat array. A flash is white all over but for the mark."""
        if flash:
            self._luma[:] = WHITE
        else:
            self._draw_motion(number)
        bits = _bits(Mark(self._index, number))
        columns, rows = self._columns, self._rows
        for row in range(_ROWS):
            for column in range(_COLUMNS):
                block = self._luma[rows[row] : rows[row + 1], columns[column] : columns[column + 1]]
                block[:] = WHITE if bits[row, column] else BLACK
        return self._frame

    def _draw_motion(self, number: int) -> None:
        down, across = number * 2 % _PERIOD, number * 3 % _PERIOD
        self._luma[:] = self._texture[down : down + self.height, across : across + self.width]
        size = self.height // 5
        room = self.width - size
        x = room - abs(number * 8 % (2 * room) - room)
        y = round(self.height * 0.65)
        self._luma[y : y + size, x : x + size] = WHITE if number // 8 % 2 else BLACK
