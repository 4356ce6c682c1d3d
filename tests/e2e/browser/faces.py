"""Drawn people in front of drawn rooms, who move and talk: what cameras see in the pictures of the documentation."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from livekit import rtc
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 640, 360
RATE = 15
_FRAMES = 2 * RATE
_FINE = 2
"""Drawn so many times larger, and made small, edges are smooth."""
_BLUR_PX = 3
_WHITE, _DARK, _LIPS = "#f8f6f2", "#241a16", "#a8504c"
_BOOKS = ("#7a3b2e", "#33526b", "#8a7a3f", "#3f5d45", "#6b4a6e", "#9a8f80")

Pen = ImageDraw.ImageDraw


@dataclass(frozen=True, slots=True)
class Looks:
    """Colours, and what else tells people apart."""

    skin: str
    hair: str
    shirt: str
    wall: str
    cut: Literal["short", "long", "bun", "none"] = "short"
    room: Literal["window", "shelf", "plant"] = "window"
    has_glasses: bool = False
    has_beard: bool = False


PEOPLE = {
    "Ada Lovelace": Looks("#e2b18f", "#4a2c1c", "#27407f", "#d9d3c4", "bun"),
    "Charles Babbage": Looks("#e8bf9f", "#9a9188", "#5d4037", "#c3ccd2", room="shelf", has_beard=True),
    "Grace Hopper": Looks("#eec6a6", "#b9b3aa", "#2f5d50", "#cfd8d3", "long", "plant", has_glasses=True),
    "Mary Jackson": Looks("#7d4f36", "#1d1512", "#8c2f4b", "#e0d2c0", "bun", "shelf"),
    "Alan Turing": Looks("#e6b894", "#3b2a20", "#54606e", "#cdc8bd", room="shelf"),
    "Radia Perlman": Looks("#e9be9c", "#6b4a2f", "#1f6f78", "#d7cfd6", "long", "window", has_glasses=True),
    "Edsger Dijkstra": Looks("#ecc4a4", "#a39a90", "#6d5a3c", "#c9d2cb", "short", "plant", True, True),
    "Barbara Liskov": Looks("#e7bb98", "#3a2c26", "#7a4b8c", "#d8d8ce", "short", "window"),
    "Mark Dean": Looks("#6b422d", "#15100e", "#3c6e9f", "#d5cdbf", "none", "plant", has_beard=True),
}


def _ellipse(pen: Pen, x: float, y: float, a: float, b: float, colour: str) -> None:
    pen.ellipse([edge * _FINE for edge in (x - a, y - b, x + a, y + b)], fill=colour)


def _box(
    pen: Pen, left: float, top: float, right: float, bottom: float, colour: str, radius: int = 0
) -> None:
    pen.rounded_rectangle([edge * _FINE for edge in (left, top, right, bottom)], radius * _FINE, fill=colour)


def _darker(colour: str, share: float) -> str:
    levels = (round(int(colour[at : at + 2], 16) * share) for at in (1, 3, 5))
    return "#" + "".join(f"{level:02x}" for level in levels)


def _window(pen: Pen, looks: Looks) -> None:
    _box(pen, 450, 40, 590, 205, "#a9cbe4")
    _ellipse(pen, 500, 225, 120, 70, "#86a878")
    for side in ((370, 0, 450, 360), (590, 0, 640, 360), (370, 205, 640, 360)):
        _box(pen, *side, looks.wall)
    for edge in ((440, 30, 600, 40), (440, 30, 450, 210), (590, 30, 600, 210), (516, 40, 524, 205)):
        _box(pen, *edge, _WHITE)
    _box(pen, 432, 205, 608, 217, _WHITE, 3)


def _shelf(pen: Pen, looks: Looks) -> None:
    for top in (40, 130):
        _box(pen, 20, top + 68, 230, top + 76, "#8a6a4a")
        for index in range(11):
            height, left = 44 + index * 7 % 20, 26 + index * 18
            _box(pen, left, top + 68 - height, left + 15, top + 68, _BOOKS[(index + top) % len(_BOOKS)])
    _box(pen, 470, 60, 590, 150, _WHITE, 2)
    _box(pen, 478, 68, 582, 142, _darker(looks.shirt, 1.2 if looks.shirt < "#7" else 0.9))


def _plant(pen: Pen, _looks: Looks) -> None:
    for index, (x, y) in enumerate(((70, 190), (110, 150), (140, 200), (40, 150), (95, 110), (160, 160))):
        _ellipse(pen, x, y, 34, 22, ("#4f7d57", "#5f9268", "#3f6a49")[index % 3])
    _box(pen, 70, 215, 138, 300, "#b5694a", 8)
    _box(pen, 480, 40, 500, 110, "#d9b25c", 4)
    _ellipse(pen, 490, 120, 44, 26, "#f0d48a")


_ROOMS: dict[str, Callable[[Pen, Looks], None]] = {"window": _window, "shelf": _shelf, "plant": _plant}


@cache
def _room(looks: Looks) -> Image.Image:
    """Return what is behind the person, out of focus."""
    made = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), looks.wall)
    _ROOMS[looks.room](ImageDraw.Draw(made), looks)
    return made.filter(ImageFilter.GaussianBlur(_BLUR_PX * _FINE))


def _body(pen: Pen, looks: Looks, x: float) -> None:
    _ellipse(pen, x, 430, 172, 150, looks.shirt)
    _ellipse(pen, x, 292, 46, 26, _darker(looks.shirt, 0.75))
    _box(pen, x - 27, 215, x + 27, 290, _darker(looks.skin, 0.86), 18)
    _ellipse(pen, x, 288, 27, 17, _darker(looks.skin, 0.86))


def _hair_behind(pen: Pen, looks: Looks, x: float, y: float) -> None:
    if looks.cut == "long":
        _box(pen, x - 78, y - 80, x + 78, y + 118, looks.hair, 60)
    elif looks.cut == "bun":
        _ellipse(pen, x, y - 92, 32, 27, _darker(looks.hair, 0.85))


def _hair_before(pen: Pen, looks: Looks, x: float, y: float) -> None:
    if looks.cut == "none":
        return
    head = [edge * _FINE for edge in (x - 66, y - 88, x + 66, y + 66)]
    pen.chord(head, 192, 348, fill=looks.hair)
    _ellipse(pen, x - 22, y - 56, 42, 22, looks.hair)


def _eyes(pen: Pen, looks: Looks, x: float, y: float, *, are_open: bool) -> None:
    for side in (-1, 1):
        at = x + side * 25
        _box(pen, at - 13, y - 31, at + 13, y - 26, _darker(looks.hair, 0.8), 2)
        if are_open:
            _ellipse(pen, at, y - 10, 11, 7, _WHITE)
            _ellipse(pen, at, y - 10, 5.5, 6.5, _DARK)
        else:
            _box(pen, at - 11, y - 10, at + 11, y - 7, _darker(looks.skin, 0.6), 1)
        if looks.has_glasses:
            frame = [edge * _FINE for edge in (at - 20, y - 25, at + 20, y + 7)]
            pen.rounded_rectangle(frame, 9 * _FINE, outline=_DARK, width=3 * _FINE)
    if looks.has_glasses:
        _box(pen, x - 6, y - 13, x + 6, y - 10, _DARK)


def _face(pen: Pen, looks: Looks, x: float, y: float, at: float) -> None:
    for side in (-1, 1):
        _ellipse(pen, x + side * 61, y, 11, 17, _darker(looks.skin, 0.9))
    _ellipse(pen, x, y, 61, 78, looks.skin)
    if looks.has_beard:
        pen.chord([edge * _FINE for edge in (x - 61, y - 76, x + 61, y + 80)], 14, 166, fill=looks.hair)
    _ellipse(pen, x, y + 16, 9, 6, _darker(looks.skin, 0.88))
    _box(pen, x - 4, y - 10, x + 4, y + 16, _darker(looks.skin, 0.94), 4)
    _ellipse(pen, x, y + 41, 19, 4 + 6 * abs(math.sin(8 * math.pi * at)), _LIPS)


def draw(looks: Looks, at: float) -> Image.Image:
    """Return the person at this moment, 0 to 1, of a movement that comes back to where it began."""
    picture = _room(looks).copy()
    pen = ImageDraw.Draw(picture)
    sway, nod = 9 * math.sin(2 * math.pi * at), 4 * math.sin(4 * math.pi * at)
    x, y = WIDTH / 2 + sway, HEIGHT * 0.46 + nod
    _hair_behind(pen, looks, x, y)
    _body(pen, looks, WIDTH / 2 + sway / 2)
    _face(pen, looks, x, y, at)
    _eyes(pen, looks, x, y, are_open=not 0.4 < at < 0.47)
    _hair_before(pen, looks, x, y)
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def frame(picture: Image.Image) -> rtc.VideoFrame:
    """Return what an encoder takes (I420)."""
    rgba = picture.convert("RGBA").tobytes()
    made = rtc.VideoFrame(picture.width, picture.height, rtc.VideoBufferType.RGBA, rgba)
    return made.convert(rtc.VideoBufferType.I420)


@cache
def frames(name: str) -> list[rtc.VideoFrame]:
    """Return two seconds of somebody of `PEOPLE`, to be repeated."""
    return [frame(draw(PEOPLE[name], number / _FRAMES)) for number in range(_FRAMES)]


def write_film(name: str, file: Path) -> None:
    """Write them as Chromium's `--use-file-for-fake-video-capture` takes them (YUV4MPEG2)."""
    with file.open("wb") as film:
        film.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for one in frames(name):
            film.write(b"FRAME\n" + bytes(one.data))
