"""A recording at a glance: small pictures at even distances, a hundred to a sheet."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from rtcstack.media.jpeg import Yuv, scaled, write_jpeg
from rtcstack.media.keyframes import Keyframe, decoded, moments, nearest_keyframe
from rtcstack.media.opening import Recording
from rtcstack.media.order import SheetDone, StoryboardDone, StoryboardTask

_TILE_WIDTH_PX: Final = 160
_NEUTRAL: Final = 128
_COLUMNS: Final = 10
_TILES_A_SHEET: Final = 100
_MOST_TILES: Final = 200
_INTERVALS_S: Final = (2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1800, 3600)


def interval_s(length_s: Fraction) -> int:
    """Return the shortest usual distance at which a recording of that length gives no more than two sheets."""
    return next((s for s in _INTERVALS_S if length_s / s <= _MOST_TILES), _INTERVALS_S[-1])


def make_storyboard(recording: Recording, task: StoryboardTask) -> StoryboardDone:
    """Raises `Invalid` (`no_video`)."""
    every_s = interval_s(recording.end_s)
    wanted = [nearest_keyframe(recording, at_s) for at_s in moments(recording, Fraction(every_s))]
    tiles = _tiles(wanted)
    _, height, width = tiles[0].shape
    sheets = [
        _sheet(tiles[at : at + _TILES_A_SHEET], task.folder / f"storyboard-{number}.jpg")
        for number, at in enumerate(range(0, len(tiles), _TILES_A_SHEET), start=1)
    ]
    return StoryboardDone(width, height, every_s * 1000, tuple(sheets))


def _tiles(wanted: Sequence[Keyframe]) -> list[Yuv]:
    """Return a picture for each; where one cannot be decoded, the one before it."""
    shown = {
        keyframe: scaled(frame, _TILE_WIDTH_PX) for keyframe, frame in decoded(list(dict.fromkeys(wanted)))
    }
    last = next(iter(shown.values()))
    tiles: list[Yuv] = []
    for keyframe in wanted:
        last = shown.get(keyframe, last)
        tiles.append(_fitted(last, tiles[0].shape if tiles else last.shape))
    return tiles


def _fitted(tile: Yuv, shape: tuple[int, ...]) -> Yuv:
    """Cut or fill a tile of a piece with another picture size."""
    if tile.shape == shape:
        return tile
    fitted = _black(shape[1], shape[2])
    height = min(tile.shape[1], shape[1])
    fitted[:, :height] = tile[:, :height]
    return fitted


def _black(height: int, width: int) -> Yuv:
    picture = np.full((3, height, width), _NEUTRAL, np.uint8)
    picture[0] = 0
    return picture


def _sheet(tiles: Sequence[Yuv], file: Path) -> SheetDone:
    _, height, width = tiles[0].shape
    columns = min(len(tiles), _COLUMNS)
    rows = -(-len(tiles) // columns)
    sheet = _black(rows * height, columns * width)
    for number, tile in enumerate(tiles):
        top, left = number // columns * height, number % columns * width
        sheet[:, top : top + height, left : left + width] = tile
    write_jpeg(sheet, file)
    return SheetDone(file, columns, len(tiles))
