"""One tile where it lies now: its picture or what stands for it, and what is laid over both."""

from rtcstack.egress.recorder import labels
from rtcstack.egress.recorder.canvas import Canvas, Scaler
from rtcstack.egress.recorder.clock import NS
from rtcstack.egress.recorder.layout import Rect, contain, even
from rtcstack.egress.recorder.media import Picture
from rtcstack.egress.recorder.stage import Tile
from rtcstack.egress.recorder.theme import Theme

STALE_NS = 2 * NS
"""The age at which a camera's picture gives way to the placeholder; until then the last one is held.

Of a shared screen the last one is held for as long as it is shared: on it nothing may move, and nothing is sent then.
"""
_COMING_NS = NS
"""So long a camera's first picture is waited for before the initials stand in for it."""
_SMALLEST_DISC_PX, _SMALLEST_FRAMED_PX = 8, 32


def gap(cell: Rect) -> int:
    """Return how much of a cell stays free on each side; nothing of one that is hardly to be seen."""
    if min(cell.size) < _SMALLEST_FRAMED_PX:
        return 0
    return max(2, min(6, even(min(cell.size) // 80)))


class Place:
    def __init__(
        self, tile: Tile, canvas: Canvas, theme: Theme, *, is_named: bool, is_framed: bool, since_ns: int
    ) -> None:
        """`is_framed`: with a gap, round corners and a ring for whoever speaks; without, the picture fills the cell."""
        self.tile = tile
        self._canvas, self._theme = canvas, theme
        self._is_named, self._is_framed = is_named, is_framed
        self.since_ns = since_ns
        """When the tile was first to be seen."""
        self._inner = tile.cell.inset(gap(tile.cell)) if is_framed else tile.cell
        self._scaler = Scaler(is_screen=tile.is_screen)
        self._drawn: Rect | None = None
        self.shown: Picture | None = None
        """None for the placeholder."""
        self._is_coming = True

    @property
    def content(self) -> tuple[str, bool, bool]:
        """What is seen as a whole: another picture of the same camera is the same content."""
        return self.tile.key, self.shown is None, self._is_coming

    def change(self, tile: Tile) -> None:
        """Take over what has changed about the tile but its cell, and draw it anew."""
        if tile != self.tile:
            self.tile = tile
            self.draw()

    def update(self, instant_ns: int) -> bool:
        """Take the picture of an instant of the pictures' time; return whether anything was drawn."""
        picture = self.tile.video.picture_at(instant_ns) if self.tile.video else None
        if picture is not None and self.tile.video and not self.tile.is_screen:
            shown_from_ns = picture.arrived_ns + self.tile.video.hold.at(instant_ns)
            if instant_ns - shown_from_ns > STALE_NS:
                picture = None
        is_young = instant_ns - self.since_ns < _COMING_NS
        is_coming = picture is None and self.tile.has_camera and is_young
        if picture is self.shown and is_coming == self._is_coming:
            return False
        self.shown, self._is_coming = picture, is_coming
        self.draw()
        return True

    def draw(self) -> None:
        if self.shown is not None:
            self._draw_picture(self.shown)
        else:
            self._draw_placeholder()

    def _draw_picture(self, picture: Picture) -> None:
        rect, clip = self._fit(picture)
        if clip != self._drawn:
            self._canvas.fill(self.tile.cell, self._theme.background)
        self._canvas.draw(picture, rect, clip, self._scaler)
        self._drawn = clip
        self._finish(clip)

    def _fit(self, picture: Picture) -> tuple[Rect, Rect]:
        """Return where the whole picture goes and what is seen of it.

        A camera's picture that fits the cell without scaling loses its outermost pixels to the gap; any other one, and
        every screen, is scaled into what the gap leaves.
        """
        width, height = picture.size if picture.quarter_turns % 2 == 0 else picture.size[::-1]
        exact = contain(width, height, self.tile.cell)
        if exact.size == (width, height) and not self.tile.is_screen:
            return exact, exact.overlap(self._inner)
        fitted = contain(width, height, self._inner)
        return fitted, fitted

    def _draw_placeholder(self) -> None:
        rect = contain(16, 9, self._inner)
        self._canvas.fill(self.tile.cell, self._theme.background)
        self._canvas.fill(rect, self._theme.placeholder)
        self._drawn = None
        size = even(min(rect.height * 9 // 20, rect.width * 9 // 20))
        if size >= _SMALLEST_DISC_PX and not self._is_coming:
            disc = labels.disc(self.tile.name, size, self._theme)
            x, y = rect.x + even((rect.width - size) // 2), rect.y + even((rect.height - size) // 2)
            self._canvas.lay(disc, x, y)
        self._finish(rect)

    def _finish(self, rect: Rect) -> None:
        """Lay the frame and the name over what was drawn."""
        if min(rect.size) < _SMALLEST_FRAMED_PX:
            return
        if self._is_framed:
            ring = max(2, rect.height // 120) if self.tile.is_speaking else 0
            for x, y, stamp in labels.frame(rect.width, rect.height, labels.radius(rect), ring, self._theme):
                self._canvas.lay(stamp, rect.x + x, rect.y + y)
        if self._is_named:
            self._lay_name(rect)

    def _lay_name(self, rect: Rect) -> None:
        px = labels.text_px(rect.height)
        margin = even(px * 3 // 4)
        label = labels.name_label(self.tile.name, px, rect.width - 2 * margin, self._theme)
        if label is not None and label.height + margin < rect.height // 2:
            self._canvas.lay(label, rect.x + margin, rect.y + rect.height - margin - label.height)
