"""A short cross-fade from what was seen before: of everything when tiles come, go or move, of one tile when its content changes."""

from typing import Final

import av
import numpy as np

from rtcstack.egress.recorder.canvas import cut, planes_of
from rtcstack.egress.recorder.layout import Rect

_DURATION_NS: Final = 240_000_000
_STEPS: Final = 64


class Fade:
    """Begins with a frame that was shown and ends a quarter of a second later."""

    def __init__(self, shown: av.VideoFrame, area: Rect, began_ns: int) -> None:
        self._shown = cut(planes_of(shown), area)
        self.area, self.began_ns = area, began_ns

    def mix_into(self, frame: av.VideoFrame, instant_ns: int) -> bool:
        """Let what is left of the former frame shine through; return whether anything is left of it."""
        done = (instant_ns - self.began_ns) / _DURATION_NS
        if done >= 1:
            return False
        share = round(_STEPS * done * done * (3 - 2 * done))
        for old, new in zip(self._shown, cut(planes_of(frame), self.area), strict=True):
            mixed = np.subtract(new, old, dtype=np.int16)
            mixed *= share
            mixed >>= 6
            mixed += old
            np.copyto(new, mixed, casting="unsafe")
        return True
