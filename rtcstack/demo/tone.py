"""The sound of a participant: a tone of its own, without end or as a beep at every full second."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48_000
BEEP_MS = 60
AMPLITUDE = 0.2
"""Of full scale: the sum of four participants at once stays clear of the limit."""

Sound = Literal["tone", "beep", "silence"]

_LOWEST_HZ, _STEP_HZ = 331, 97


def frequency_hz(index: int) -> int:
    """Return the tone of a participant; no one's is near another's or near its second or third harmonic."""
    return _LOWEST_HZ + _STEP_HZ * index


class Tone:
    """Samples of one participant, mono, 16 bits, 48 kHz. Every frequency is whole, so one second repeats seamlessly."""

    def __init__(self, index: int, sound: Sound = "tone") -> None:
        at = np.arange(SAMPLE_RATE) / SAMPLE_RATE
        wave = AMPLITUDE * np.sin(2 * np.pi * frequency_hz(index) * at)
        if sound == "beep":
            wave[SAMPLE_RATE * BEEP_MS // 1000 :] = 0
        elif sound == "silence":
            wave[:] = 0
        second = (wave * 32767).astype(np.int16)
        self._loop = np.concatenate([second, second])

    def samples(self, first: int, count: int) -> NDArray[np.int16]:
        """Return `count` samples (at most one second) from sample number `first` on; number 0 is a full second."""
        start = first % SAMPLE_RATE
        return self._loop[start : start + count]
