"""The colours of a recording, dark and light."""

import zlib
from dataclasses import dataclass
from typing import Final

Colour = tuple[int, int, int]
"""Y, U, V in video range, BT.601."""


def yuv(rgb: int) -> Colour:
    """Return the colour of a 24-bit RGB number."""
    r, g, b = (rgb >> 16) / 255, (rgb >> 8 & 255) / 255, (rgb & 255) / 255
    y = 0.299 * r + 0.587 * g + 0.114 * b
    return round(16 + 219 * y), round(128 + 224 * (b - y) / 1.772), round(128 + 224 * (r - y) / 1.402)


@dataclass(frozen=True, slots=True)
class Theme:
    background: Colour
    placeholder: Colour
    """Behind the initials of somebody without a picture."""
    label: Colour
    text: Colour
    label_opacity: float
    ring: Colour
    """Around whoever speaks."""


DARK: Final = Theme(yuv(0x101217), yuv(0x23272F), yuv(0x0B0D10), yuv(0xFFFFFF), 0.62, yuv(0x3D9BFF))
LIGHT: Final = Theme(yuv(0xEEF0F4), yuv(0xD5DAE2), yuv(0xFFFFFF), yuv(0x16191E), 0.78, yuv(0x1A73E8))
_PEOPLE: Final = tuple(
    yuv(rgb) for rgb in (0x4E6AD4, 0x2E8B72, 0xB4553C, 0x8A55B0, 0xA07A1E, 0x3182A8, 0xB34C7A, 0x5D7F33)
)


def colour_of(name: str) -> Colour:
    """Return the colour of somebody's initials' disc: always the same for a name."""
    return _PEOPLE[zlib.crc32(name.encode()) % len(_PEOPLE)]
