"""Names as masks: which font has which letter, and how much of a long name fits.

The font comes with the package `font-source-sans-pro` (SIL Open Font License): Latin, Greek and Cyrillic letters. Others
are looked for among the fonts of the system; what nobody has is left out, so that no empty boxes are seen.
"""

import math
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from PIL import ImageFont, features

from rtcstack.egress.recorder.reading_order import seen
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


class _Run(NamedTuple):
    """A stretch of one font and one direction."""

    font: ImageFont.FreeTypeFont
    letters: str
    direction: str | None

    def box(self) -> tuple[float, float]:
        """Return from where to where ink and advance reach, seen from where the run begins."""
        left, _, right, _ = self.font.getbbox(self.letters, direction=self.direction, anchor="ls")
        return left, right

    def advance(self) -> float:
        return self.font.getlength(self.letters, direction=self.direction)


def _runs(text: str, px: int) -> list[_Run]:
    """Split the text into runs, from left to right; in a font a space and a mark stay with what comes before."""
    paths: list[str] = []
    for letter in text:
        stays = paths and (letter == " " or unicodedata.category(letter)[0] == "M")
        paths.append(paths[-1] if stays else _path_of(letter) or _OWN)
    runs: list[_Run] = []
    for level, places in seen(text):
        parts = [(path, list(part)) for path, part in groupby(places, key=paths.__getitem__)]
        direction = "rtl" if level % 2 else None
        for path, part in reversed(parts) if direction else parts:
            runs.append(_Run(_font(path, px), text[part[0] : part[-1] + 1], direction))
    return runs


def _box(runs: list[_Run]) -> tuple[int, int]:
    """Return the first column with ink and the first one behind it; 0 is where the first run begins."""
    left = right = at = 0.0
    for run in runs:
        run_left, run_right = run.box()
        left, right = min(left, round(at) + run_left), max(right, round(at) + run_right)
        at += run.advance()
    return math.floor(left), math.ceil(right)


def width(text: str, px: int) -> int:
    """Return the width of its mask. Letters may reach beyond their advance at both ends."""
    left, right = _box(_runs(text, px))
    return right - left


def fitted(text: str, px: int, widest: int) -> str:
    """Return as much of the text as is not wider than `widest`, with an ellipsis when it is not all."""
    if width(text, px) <= widest:
        return text
    while text and width(text.rstrip() + _ELLIPSIS, px) > widest:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS if text else ""


def mask(text: str, px: int) -> Mask:
    """Return the text as a mask of 1.4 times `px` in height, the letters standing on one line in it."""
    runs = _runs(text, px)
    left, right = _box(runs)
    drawn = np.zeros((round(px * 1.4), max(1, right - left)), np.float32)
    at = 0.0
    for run in runs:
        _draw(drawn, run, round(at) - left, round(px * 1.05))
        at += run.advance()
    return drawn


def _draw(target: Mask, run: _Run, x: int, line: int) -> None:
    letters, (left, top) = run.font.getmask2(run.letters, mode="L", direction=run.direction, anchor="ls")
    if not all(letters.size):
        return
    columns, rows = letters.size
    pixels = np.frombuffer(bytes(letters), np.uint8).reshape(rows, columns) / np.float32(255)
    x, y = x + round(left), line + round(top)
    pixels = pixels[max(0, -y) :, : target.shape[1] - x]
    y = max(0, y)
    pixels = pixels[: target.shape[0] - y]
    part = target[y : y + pixels.shape[0], x : x + pixels.shape[1]]
    np.maximum(part, pixels, out=part)
