"""Pictures of whole pages, wide and narrow, light and dark, as small files in which text keeps its very colours."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.e2e.browser.browser import Browser
from tests.e2e.browser.looks import NARROW, WIDE

_SIZES = (("wide", WIDE, 720), ("narrow", NARROW, 812))
_TEXT_COLOURS, _EXACT_COLOURS, _FILM_COLOURS = 96, 64, 160
_SETTLED_S, _FILM_SETTLED_S = 0.7, 2.5
"""A page's own movements, and what a browser draws over a film, take so long to be gone."""
_HAS_FILM = "return document.querySelector('video[controls]') !== null"
_SHOW = """for (const image of document.images) image.loading = "eager";
const film = document.querySelector("video[controls]");
if (film && !film.currentTime) { film.muted = true; film.preload = "auto"; film.currentTime = 2.5 }"""
_SHOWN = """const film = document.querySelector("video[controls]");
return (!film || film.readyState === 4 && !film.seeking) && [...document.images].every((one) => one.complete)"""
_FILMS = """return [...document.querySelectorAll("video, .poster img, img.still, .still-of, .tile, .preview")]
  .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())
  .map((box) => [box.left + scrollX, box.top + scrollY, box.right + scrollX, box.bottom + scrollY].map(Math.round))"""

Pixels = NDArray[np.uint8]


def _palette(picture: Image.Image, count: int) -> list[int]:
    made = picture.quantize(count, dither=Image.Dither.NONE).getpalette() or []
    return made[: 3 * count]


def _of_text(pixels: Pixels) -> tuple[list[int], Pixels]:
    """Return a palette and each pixel's place in it; the most frequent colours are in it as they are."""
    if not len(pixels):
        return [], np.empty(0, np.uint8)
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    found, place, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    exact = colours[np.argsort(counts)[::-1][:_EXACT_COLOURS]].ravel().tolist()
    others = _palette(Image.fromarray(pixels[None]), _TEXT_COLOURS - _EXACT_COLOURS)
    levels = [*exact, *others]
    away = colours[:, None].astype(np.int32) - np.array(levels, np.int32).reshape(1, -1, 3)
    return levels, (away**2).sum(axis=2).argmin(axis=1).astype(np.uint8)[place]


def _of_films(pixels: Pixels) -> tuple[list[int], Pixels]:
    if not len(pixels):
        return [], np.empty(0, np.uint8)
    made = Image.fromarray(pixels[None]).quantize(_FILM_COLOURS, dither=Image.Dither.NONE)
    return (made.getpalette() or [])[: 3 * _FILM_COLOURS], np.asarray(made)[0]


def small(picture: Image.Image, films: list[list[int]]) -> Image.Image:
    """Return it with 256 colours; those of the films, which stand in these boxes, take none from the text's."""
    pixels = np.asarray(picture.convert("RGB"))
    is_film = np.zeros(pixels.shape[:2], bool)
    for left, top, right, bottom in films:
        is_film[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
    places = np.empty(is_film.shape, np.uint8)
    levels, places[~is_film] = _of_text(pixels[~is_film])
    first = len(levels) // 3
    more, of_films = _of_films(pixels[is_film])
    places[is_film] = of_films + first
    made = Image.fromarray(places, "P")
    made.putpalette([*levels, *more])
    return made


def _develop(png: bytes, films: list[list[int]], file: Path) -> None:
    small(Image.open(io.BytesIO(png)), films).save(file, optimize=True)


@dataclass
class Camera:
    """Takes pictures of what a browser shows into a folder; all of them are there when the block of `with` has ended."""

    browser: Browser
    folder: Path
    _darkroom: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _taken: list[Future[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.browser.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._darkroom.shutdown()
        for one in self._taken:
            one.result()

    def take(self, name: str, path: str = "", *, prepared: str = "return true") -> None:
        """Take four, of the page at `path`, or of the one that is there, each when the script `prepared` returns true."""
        if path:
            self.browser.look(width=WIDE, is_dark=False)
            self.browser.open(path)
            self.browser.until_still()
        for size, width, height in _SIZES:
            for is_dark in (False, True):
                file = self.folder / f"{name}-{size}-{'dark' if is_dark else 'light'}.png"
                self._shot(width, height, is_dark, prepared, file)
        self.browser.look(width=WIDE, is_dark=False)

    def _shot(self, width: int, height: int, is_dark: bool, prepared: str, file: Path) -> None:
        for _ in self._grown(width, height, is_dark):
            self.browser.run(_SHOW)
            self.browser.until(lambda: self.browser.run(_SHOWN), "the pictures of the page")
        self.browser.until(lambda: self.browser.run(prepared), "the page being prepared")
        time.sleep(_FILM_SETTLED_S if self.browser.run(_HAS_FILM) else _SETTLED_S)
        png, films = self.browser.driver.get_screenshot_as_png(), self.browser.run(_FILMS)
        self._taken.append(self._darkroom.submit(_develop, png, films, file))

    def _grown(self, width: int, height: int, is_dark: bool) -> Iterator[int]:
        """Make the window as high as the page is; what that loads may make the page higher once more."""
        for _ in range(2):
            self.browser.look(width=width, is_dark=is_dark, height=height)
            yield height
            height = max(height, self.browser.run("return document.documentElement.scrollHeight"))
        self.browser.look(width=width, is_dark=is_dark, height=height)
