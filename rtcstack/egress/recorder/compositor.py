"""Turns the scene into frames: draws only the tiles whose picture changed, and nothing at all when none did."""

import av

from rtcstack.egress.job import OverlayJob
from rtcstack.egress.recorder.canvas import Canvas
from rtcstack.egress.recorder.clock import NS
from rtcstack.egress.recorder.fade import Fade
from rtcstack.egress.recorder.layout import Rect
from rtcstack.egress.recorder.overlay import Overlay
from rtcstack.egress.recorder.place import Place
from rtcstack.egress.recorder.stage import Scene, Tile
from rtcstack.egress.recorder.theme import DARK, LIGHT, Theme

_CLEAN_START_NS = NS
"""So long after the first frame nothing fades: whoever was there before is to be seen at once."""
_NOTHING = OverlayJob()


class Compositor:
    def __init__(self, width: int, height: int, overlay: OverlayJob = _NOTHING) -> None:
        self._canvas = Canvas(width, height)
        self._overlay = Overlay(overlay, width, height)
        self._scene = Scene()
        self._theme: Theme = DARK
        self._places: list[Place] = []
        self._fades: list[Fade] = []
        self._frame: av.VideoFrame | None = None
        self._below: av.VideoFrame | None = None
        """The frame without what lies over the whole picture."""
        self._fades_from_ns = 0
        self.composed = 0
        self.first_picture_ns: int | None = None
        """When a participant was seen for the first time (monotonic)."""

    def restart(self) -> None:
        """Let the next frame follow upon nothing: what was shown before neither fades into it nor stays."""
        self._frame = self._below = None
        self._fades = []

    def compose(self, scene: Scene, instant_ns: int) -> av.VideoFrame:
        """Return the frame of an instant of the pictures' time: the very same object as before when nothing changed."""
        clock_moved = self._overlay.update(instant_ns)
        if self._frame is None:
            self._fades_from_ns = instant_ns + _CLEAN_START_NS
        changed = scene is not self._scene and self._take(scene, instant_ns)
        for place in self._places:
            changed |= self._update(place, instant_ns)
        if changed or clock_moved or self._frame is None or self._fades:
            self._frame = self._finish(instant_ns)
        return self._frame

    def _take(self, scene: Scene, instant_ns: int) -> bool:
        """Take over a scene; return whether that changes anything to be seen."""
        before, self._scene = self._scene, scene
        if self._frame is None or _look_of(before) != _look_of(scene):
            self._arrange(scene, instant_ns)
            self._begin_fade(self._canvas.whole, instant_ns)
            return True
        if before.tiles == scene.tiles:
            return False
        for place, tile in zip(self._places, scene.tiles, strict=True):
            place.change(tile)
        return True

    def _arrange(self, scene: Scene, instant_ns: int) -> None:
        self._theme = LIGHT if scene.is_light else DARK
        self._canvas.fill(self._canvas.whole, self._theme.background)
        former = {place.tile.key: place for place in self._places}
        self._places = [self._place(tile, former.get(tile.key), scene, instant_ns) for tile in scene.tiles]

    def _place(self, tile: Tile, former: Place | None, scene: Scene, instant_ns: int) -> Place:
        place = Place(
            tile,
            self._canvas,
            self._theme,
            is_named=not scene.is_bare,
            is_framed=not scene.is_bare and len(scene.tiles) > 1,
            since_ns=instant_ns if former is None else former.since_ns,
        )
        if former is not None and tile.video is former.tile.video:
            place.shown = former.shown
        place.draw()
        return place

    def _update(self, place: Place, instant_ns: int) -> bool:
        """Bring a place up to date; return whether anything was drawn."""
        before = place.content
        if not place.update(instant_ns):
            return False
        if place.content != before:
            self._begin_fade(place.tile.cell, instant_ns)
        return True

    def _begin_fade(self, area: Rect, instant_ns: int) -> None:
        """Fade from what is shown. What fades inside of the area begins anew; where all begins to fade, a place needs not."""
        if self._below is None or instant_ns < self._fades_from_ns:
            return
        if any(fade.began_ns == instant_ns and area.overlap(fade.area) == area for fade in self._fades):
            return
        self._fades = [fade for fade in self._fades if fade.area.overlap(area) != fade.area]
        self._fades.append(Fade(self._below, area, instant_ns))

    def _finish(self, instant_ns: int) -> av.VideoFrame:
        self.composed += 1
        if self.first_picture_ns is None and any(place.shown for place in self._places):
            self.first_picture_ns = instant_ns
        frame = self._below = self._canvas.snapshot()
        self._fades = [fade for fade in self._fades if fade.mix_into(frame, instant_ns)]
        return frame if self._scene.is_bare else self._overlay.over(frame)


def _look_of(scene: Scene) -> tuple[object, ...]:
    """What a scene looks like apart from the pictures, names and marks in its tiles."""
    return scene.is_light, scene.is_bare, [(tile.key, tile.cell) for tile in scene.tiles]
