"""Poster and storyboard of a recording, and the WebVTT that players read storyboards from."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class StoryboardSheet:
    """One sprite in the bucket: `tiles` pictures, row by row, `columns` in a row."""

    key: str
    columns: int
    tiles: int


@dataclass(frozen=True)
class Previews:
    recording_id: str
    poster_key: str
    tile_width: int
    tile_height: int
    interval_ms: int
    """Picture n is of the moment n times interval."""
    sheets: tuple[StoryboardSheet, ...]
    created_at_ms: int


@dataclass(frozen=True)
class Tile:
    """One picture of a sheet: where it lies there, and how large the whole sheet is, in pixels."""

    key: str
    x: int
    y: int
    width: int
    height: int
    sheet_width: int
    sheet_height: int


def tile_at(previews: Previews, start_s: float, end_s: float) -> Tile | None:
    """Return the first picture of that range, or else the last one before it; None if there is none at all."""
    every_s = previews.interval_ms / 1000
    first = math.ceil(start_s / every_s)
    nth = first if first * every_s < end_s else math.floor(start_s / every_s)
    nth = min(nth, sum(sheet.tiles for sheet in previews.sheets) - 1)
    for sheet in previews.sheets:
        if nth < sheet.tiles:
            return _tile(previews, sheet, nth)
        nth -= sheet.tiles
    return None


def _tile(previews: Previews, sheet: StoryboardSheet, nth: int) -> Tile:
    row, column = divmod(nth, sheet.columns)
    width, height = previews.tile_width, previews.tile_height
    rows = -(-sheet.tiles // sheet.columns)
    return Tile(sheet.key, column * width, row * height, width, height, sheet.columns * width, rows * height)


def webvtt(previews: Previews, duration_ms: int, link: Callable[[str], str]) -> str:
    """Return a cue a picture, naming its place in the sprite by a media fragment (`#xywh=`, W3C Media Fragments)."""
    cues = list(_places(previews, link))
    lines = ["WEBVTT", ""]
    for n, place in enumerate(cues):
        begin_ms = n * previews.interval_ms
        is_last = n == len(cues) - 1
        end_ms = max(duration_ms, begin_ms + 1) if is_last else begin_ms + previews.interval_ms
        lines += [f"{_stamp(begin_ms)} --> {_stamp(end_ms)}", place, ""]
    return "\n".join(lines)


def _places(previews: Previews, link: Callable[[str], str]) -> Iterator[str]:
    width, height = previews.tile_width, previews.tile_height
    for sheet in previews.sheets:
        url = link(sheet.key)
        for tile in range(sheet.tiles):
            row, column = divmod(tile, sheet.columns)
            yield f"{url}#xywh={column * width},{row * height},{width},{height}"


def _stamp(at_ms: int) -> str:
    seconds, ms = divmod(at_ms, 1000)
    minutes, s = divmod(seconds, 60)
    hours, m = divmod(minutes, 60)
    return f"{hours:02}:{m:02}:{s:02}.{ms:03}"
