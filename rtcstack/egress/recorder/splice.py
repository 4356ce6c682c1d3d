"""Takes the pauses out of the mixed sound and closes the gaps, to the sample."""

from collections.abc import Iterator

import numpy as np

from rtcstack.egress.recorder.media import CHANNELS, RATE_HZ, Samples
from rtcstack.egress.recorder.mixer import BLOCK
from rtcstack.egress.recorder.pauses import Pauses

_FADE = RATE_HZ * 5 // 1000
"""Sound falls and rises within so many samples beside a pause: cut in the middle of a wave it would click."""


class Splice:
    """Blocks of the room's sound go in, blocks of the file's come out."""

    def __init__(self, pauses: Pauses) -> None:
        self._pauses = pauses
        self._kept: Samples = np.zeros((CHANNELS, 0), np.float32)
        self._position = 0

    def feed(self, block: Samples, position: int) -> Iterator[tuple[Samples, int]]:
        """Yield what is complete, each with its position in the file; `position` is the block's in the room's time."""
        kept = self._without_pauses(block, position)
        if self._kept.size:
            kept = np.concatenate((self._kept, kept), axis=1)
        while kept.shape[1] >= BLOCK:
            yield np.ascontiguousarray(kept[:, :BLOCK]), self._position
            kept = kept[:, BLOCK:]
            self._position += BLOCK
        self._kept = kept

    def _without_pauses(self, block: Samples, position: int) -> Samples:
        end = position + block.shape[1]
        cuts = list(self._pauses.cuts(position - _FADE, end + _FADE, RATE_HZ))
        if not cuts:
            return block
        at = np.arange(position, end)
        is_kept = np.ones(len(at), np.bool_)
        for begin, behind in cuts:
            is_kept &= (at < begin) | (at >= behind)
            distance = np.maximum(begin - at, at - behind)
            block = block * np.clip(distance / _FADE, 0, 1).astype(np.float32)
        return block[:, is_kept]
