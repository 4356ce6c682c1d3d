"""Cameras that say who films by a colour, and what number a picture has by its bits: what became of them can be read."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

COLOURS: Final = ("blue", "orange")
_YCBCR: Final = {"blue": (90, 200, 100), "orange": (140, 60, 180)}
_WIDTH, _HEIGHT, _RATE = 160, 90, 10
_BITS, _COLUMNS, _FIRST = 11, 16, 2
"""The bits stand in columns of a sixteenth of the width, from the third on."""
_ROWS: Final = ((0.4, 0.5), (0.5, 0.6))
"""In the first of these rows a bit is white or black, in the second the other way round."""
_PLAIN: Final = (0.15, 0.35)
"""Here is nothing but the colour."""
_WHITE, _BLACK = 235, 16
_LIGHT: Final = np.array([0.3, 0.6, 0.1])

Picture = NDArray[np.int16]
"""Rows of RGB."""


def _luma(number: int, ground: int) -> NDArray[np.uint8]:
    made = np.full((_HEIGHT, _WIDTH), ground, np.uint8)
    for bit in range(_BITS):
        left = (_FIRST + bit) * _WIDTH // _COLUMNS
        for is_inverted, (top, bottom) in enumerate(_ROWS):
            is_white = (number >> bit & 1) != is_inverted
            cell = slice(int(top * _HEIGHT), int(bottom * _HEIGHT)), slice(left, left + _WIDTH // _COLUMNS)
            made[cell] = _WHITE if is_white else _BLACK
    return made


def write_camera(colour: str, file: Path) -> Path:
    """Write three minutes as Chromium's `--use-file-for-fake-video-capture` takes them (YUV4MPEG2), which it repeats."""
    ground, blue, red = _YCBCR[colour]
    chroma = b"".join(bytes([level]) * (_WIDTH * _HEIGHT // 4) for level in (blue, red))
    with file.open("wb") as film:
        film.write(f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F{_RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(2**_BITS):
            film.write(b"FRAME\n" + _luma(number, ground).tobytes() + chroma)
    return file


def colour_of(tile: Picture) -> str | None:
    """Return whose picture it is, None if it is nobody's."""
    top, bottom = (round(share * len(tile)) for share in _PLAIN)
    red, green, blue = np.median(tile[top:bottom].reshape(-1, 3), axis=0)
    if blue > max(red, green) + 50:
        return "blue"
    return "orange" if red > blue + 80 and red > green + 40 else None


def number_of(tile: Picture) -> int | None:
    """Return which picture it is, None if that cannot be read."""
    height, width, _ = tile.shape
    number = 0
    for bit in range(_BITS):
        x = round((_FIRST + bit + 0.5) * width / _COLUMNS)
        plain, inverted = (_light(tile, round((top + bottom) / 2 * height), x) for top, bottom in _ROWS)
        if abs(plain - inverted) < (_WHITE - _BLACK) / 3:
            return None
        number |= (plain > inverted) << bit
    return number


def _light(tile: Picture, y: int, x: int) -> float:
    return float((tile[y - 1 : y + 2, x - 1 : x + 2].mean(axis=(0, 1)) * _LIGHT).sum())
