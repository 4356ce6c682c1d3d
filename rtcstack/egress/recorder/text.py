"""Names as masks: which font has which letter, and how much of a long name fits.

The font comes with the package `font-source-sans-pro` (SIL Open Font License): Latin, Greek and Cyrillic letters. Others
are looked for among the fonts of the system; what nobody has is left out, so that no empty boxes are seen.
"""

import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
from PIL import ImageFont, features

from rtcstack.egress.recorder.stamp import Mask

_OWN: Final = str(files("font_source_sans_pro").joinpath("files", "SourceSansPro-Semibold.ttf"))
_SYSTEM: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_PREFERRED: Final = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
)
_UNKNOWN: Final = "\U0010fffe"
_ELLIPSIS: Final = "…"
_LONGEST: Final = 80
_TRIAL_PX: Final = 24
_FONTS: Final = 40
"""So many of the system's fonts are looked through for a letter."""


@lru_cache(maxsize=1)
def _fallbacks() -> tuple[str, ...]:
    """Return the system's upright fonts, those that are known to hold much first."""
    found = [
        path
        for folder in _SYSTEM
        for path in sorted(folder.rglob("*.[to]t[fc]"))
        if not {"bold", "italic", "oblique", "mono", "emoji", "light"} & set(_words(path))
    ]
    found.sort(key=lambda path: _PREFERRED.index(path.name) if path.name in _PREFERRED else len(_PREFERRED))
    return tuple(map(str, found[:_FONTS]))


def _words(path: Path) -> list[str]:
    name = path.stem.lower()
    return [word for word in ("bold", "italic", "oblique", "mono", "emoji", "light") if word in name]


@lru_cache(maxsize=64)
def _font(path: str, px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, px)


@lru_cache(maxsize=1024)
def _has(path: str, letter: str) -> bool:
    """Whether the font draws the letter as anything but its sign for what it lacks."""
    try:
        font = _font(path, _TRIAL_PX)
        drawn, unknown = font.getmask(letter), font.getmask(_UNKNOWN)
    except (OSError, ValueError):
        return False
    return drawn.size != unknown.size or bytes(drawn) != bytes(unknown)


@lru_cache(maxsize=1024)
def _path_of(letter: str) -> str | None:
    if unicodedata.bidirectional(letter) in {"R", "AL"} and not features.check("fribidi"):
        return None  # letters in the wrong order are worse than none
    return next((path for path in (_OWN, *_fallbacks()) if _has(path, letter)), None)


@lru_cache(maxsize=512)
def drawable(text: str) -> str:
    """Return the text without what no font has: pictographs, controls, letters of unknown scripts."""
    plain = unicodedata.normalize("NFC", text[:_LONGEST])
    kept = [
        letter
        for letter in plain
        if letter == " " or (unicodedata.category(letter)[0] in "LMNPS" and _path_of(letter))
    ]
    return " ".join("".join(kept).split())


def _runs(text: str) -> list[tuple[str, str]]:
    """Split the text into stretches of one font; a space and a mark stay with what comes before."""
    fonts: list[str] = []
    for letter in text:
        stays = fonts and (letter == " " or unicodedata.category(letter)[0] == "M")
        fonts.append(fonts[-1] if stays else _path_of(letter) or _OWN)
    pairs = zip(fonts, text, strict=True)
    return [
        (path, "".join(letter for _, letter in run)) for path, run in groupby(pairs, key=lambda pair: pair[0])
    ]


def width(text: str, px: int) -> int:
    return round(sum(_font(path, px).getlength(run) for path, run in _runs(text)))


def fitted(text: str, px: int, widest: int) -> str:
    """Return as much of the text as is not wider than `widest`, with an ellipsis when it is not all."""
    if width(text, px) <= widest:
        return text
    while text and width(text.rstrip() + _ELLIPSIS, px) > widest:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS if text else ""


def mask(text: str, px: int) -> Mask:
    """Return the text as a mask of 1.4 times `px` in height, the letters standing on one line in it."""
    height = round(px * 1.4)
    drawn = np.zeros((height, width(text, px) + px), np.float32)
    x = 0.0
    for path, run in _runs(text):
        _draw(drawn, run, _font(path, px), round(x), round(px * 1.05))
        x += _font(path, px).getlength(run)
    return drawn[:, : max(1, round(x))]


def _draw(target: Mask, run: str, font: ImageFont.FreeTypeFont, x: int, line: int) -> None:
    letters, (left, top) = font.getmask2(run, mode="L", anchor="ls")
    if not all(letters.size):
        return
    columns, rows = letters.size
    pixels = np.frombuffer(bytes(letters), np.uint8).reshape(rows, columns) / np.float32(255)
    x, y = max(0, x + round(left)), line + round(top)
    pixels = pixels[max(0, -y) :, : target.shape[1] - x]
    y = max(0, y)
    pixels = pixels[: target.shape[0] - y]
    part = target[y : y + pixels.shape[0], x : x + pixels.shape[1]]
    np.maximum(part, pixels, out=part)
