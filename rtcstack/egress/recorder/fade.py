"""A short cross-fade from what was seen before, whenever the picture changes as a whole."""

from typing import Final

import av
import numpy as np

from rtcstack.egress.recorder.canvas import view

_DURATION_NS: Final = 240_000_000
_STEPS: Final = 64


class Fade:
    """Begins with a frame that was shown, ends a quarter of a second later; costs nothing in between."""

    def __init__(self) -> None:
        self._from: av.VideoFrame | None = None
        self._began_ns = 0

    @property
    def is_running(self) -> bool:
        return self._from is not None

    def begin(self, shown: av.VideoFrame, instant_ns: int) -> None:
        """Fade from a frame on; one that is running begins anew from what it shows."""
        self._from, self._began_ns = shown, instant_ns

    def mix_into(self, frame: av.VideoFrame, instant_ns: int) -> None:
        """Let what is left of the former frame shine through."""
        done = (instant_ns - self._began_ns) / _DURATION_NS
        if self._from is None or done >= 1:
            self._from = None
            return
        share = round(_STEPS * done * done * (3 - 2 * done))
        for old_plane, new_plane in zip(self._from.planes, frame.planes, strict=True):
            old, new = view(old_plane), view(new_plane)
            mixed = np.subtract(new, old, dtype=np.int16)
            mixed *= share
            mixed >>= 6
            mixed += old
            np.copyto(new, mixed, casting="unsafe")
