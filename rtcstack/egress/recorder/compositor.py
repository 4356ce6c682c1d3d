"""Turns the scene into frames: draws only the tiles whose picture changed, and nothing at all when none did."""

from dataclasses import dataclass, field

import av

from rtcstack.egress.recorder.canvas import BACKGROUND, PLACEHOLDER, Canvas, Scaler
from rtcstack.egress.recorder.clock import NS
from rtcstack.egress.recorder.layout import Rect, contain, grid
from rtcstack.egress.recorder.media import Picture
from rtcstack.egress.recorder.stage import Tile

STALE_NS = 2 * NS
"""The age at which a picture gives way to the placeholder; until then the last one is held."""


@dataclass(slots=True)
class _Place:
    """A tile where it lies now. `shown` is the picture drawn last, None for the placeholder."""

    tile: Tile
    cell: Rect
    scaler: Scaler = field(default_factory=Scaler)
    shown: Picture | None = None
    drawn: Rect | None = None


class Compositor:
    def __init__(self, width: int, height: int) -> None:
        self._canvas = Canvas(width, height)
        self._tiles: tuple[Tile, ...] = ()
        self._places: list[_Place] = []
        self._frame = self._canvas.snapshot()
        self.composed = 0
        self.first_picture_ns: int | None = None
        """When a participant was seen for the first time (monotonic)."""

    def compose(self, tiles: tuple[Tile, ...], instant_ns: int) -> av.VideoFrame:
        """Return the frame of an instant of the pictures' time: the very same object as before when nothing changed."""
        changed = self._arrange(tiles)
        for place in self._places:
            changed |= self._show(place, instant_ns)
        if changed:
            self.composed += 1
            self._frame = self._canvas.snapshot()
        return self._frame

    def _arrange(self, tiles: tuple[Tile, ...]) -> bool:
        if tiles == self._tiles:
            return False
        self._tiles = tiles
        self._canvas.clear()
        cells = grid(len(tiles), self._canvas.width, self._canvas.height)
        self._places = [_Place(tile, cell) for tile, cell in zip(tiles, cells, strict=True)]
        for place in self._places:
            self._draw_placeholder(place)
        return True

    def _show(self, place: _Place, instant_ns: int) -> bool:
        picture = place.tile.video.picture_at(instant_ns) if place.tile.video else None
        if picture is not None and instant_ns - picture.arrived_ns > STALE_NS:
            picture = None
        if picture is place.shown:
            return False
        place.shown = picture
        if picture is None:
            self._draw_placeholder(place)
        else:
            self._draw(place, picture)
            self.first_picture_ns = self.first_picture_ns or instant_ns
        return True

    def _draw(self, place: _Place, picture: Picture) -> None:
        width, height = picture.size if picture.quarter_turns % 2 == 0 else picture.size[::-1]
        if contain(width, height, place.cell) != place.drawn:
            self._canvas.fill(place.cell, BACKGROUND)
        place.drawn = self._canvas.draw(picture, place.cell, place.scaler)

    def _draw_placeholder(self, place: _Place) -> None:
        self._canvas.fill(place.cell, BACKGROUND)
        self._canvas.fill(contain(16, 9, place.cell), PLACEHOLDER)
        place.drawn = None
