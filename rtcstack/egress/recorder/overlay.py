"""What lies over the whole picture if the operator wants it: a logo, a clock, a line of text."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import av
import numpy as np
from PIL import Image

from rtcstack.egress.job import OverlayJob
from rtcstack.egress.recorder import labels
from rtcstack.egress.recorder.canvas import cut, frame_of, planes_of
from rtcstack.egress.recorder.clock import NS
from rtcstack.egress.recorder.layout import Rect, even
from rtcstack.egress.recorder.stamp import Mask, Sketch, Stamp
from rtcstack.egress.recorder.theme import DARK
from rtcstack.log import get

log = get(__name__)
_CLOCK: Final = "%Y-%m-%d %H:%M:%S UTC"
_LONGEST_TEXT: Final = 80


class Overlay:
    """The logo lies at the upper left, the clock at the upper right, the text at the lower right."""

    def __init__(self, job: OverlayJob, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._has_clock = job.has_clock
        self._px = max(11, min(width, height) // 36)
        self._margin = even(self._px)
        self._fixed: list[labels.PlacedStamp] = []
        self._clock: labels.PlacedStamp | None = None
        self._second = 0
        if job.logo and (logo := _logo(Path(job.logo), width // 5, height // 9)):
            self._fixed.append((self._margin, self._margin, logo))
        if job.text and (text := self._label(job.text[:_LONGEST_TEXT])):
            self._fixed.append(self._at_right(text, height - self._margin - text.height))

    def update(self, instant_ns: int) -> bool:
        """Set the clock; return whether that changes anything to be seen."""
        to_wall_ns = time.time_ns() - time.monotonic_ns()  # anew each time: the machine's clock may be set
        second = (instant_ns + to_wall_ns) // NS
        if not self._has_clock or second == self._second:
            return False
        self._second = second
        label = self._label(datetime.fromtimestamp(second, UTC).strftime(_CLOCK))
        self._clock = self._at_right(label, self._margin) if label else None
        return True

    def over(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Return the frame with it on top, as one of its own: later ones may fade from what lies below."""
        stamps = (*self._fixed, *([self._clock] if self._clock else []))
        if not stamps:
            return frame
        covered = frame_of(planes_of(frame))
        whole = Rect(0, 0, self._width, self._height)
        for left, top, stamp in stamps:
            place = Rect(left, top, stamp.width, stamp.height)
            if place.overlap(whole) == place:  # in a tiny picture there is no room for it
                stamp.lay(cut(planes_of(covered), place))
        return covered

    def _label(self, text: str) -> Stamp | None:
        return labels.written(text, self._px, self._width - 2 * self._margin, DARK)

    def _at_right(self, stamp: Stamp, top: int) -> labels.PlacedStamp:
        return even(self._width - self._margin - stamp.width), even(top), stamp


def _logo(file: Path, widest: int, highest: int) -> Stamp | None:
    """Read a picture with or without transparency, scaled to what there is room for; one that cannot be read is left out."""
    try:
        with Image.open(file) as image:
            image.thumbnail((even(widest), even(highest)))
            rgba = np.asarray(image.convert("RGBA"), np.float32)
    except (OSError, ValueError) as e:
        log.warning("logo_unreadable", file=str(file), error=str(e))
        return None
    return Sketch(rgba.shape[1], rgba.shape[0]).paint(rgba[..., 3] / np.float32(255), _colours(rgba)).stamp()


def _colours(rgba: Mask) -> tuple[Mask, Mask, Mask]:
    """Return Y, U, V of every pixel, as `theme.yuv` has them of one."""
    red, green, blue = (rgba[..., channel] / np.float32(255) for channel in range(3))
    luma: Mask = np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue
    u: Mask = np.float32(128) + np.float32(224 / 1.772) * (blue - luma)
    v: Mask = np.float32(128) + np.float32(224 / 1.402) * (red - luma)
    return np.float32(16) + np.float32(219) * luma, u, v
