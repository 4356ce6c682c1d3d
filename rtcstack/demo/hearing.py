"""Finding the participants' tones and beeps in the sound of a recording."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from rtcstack.demo.tone import AMPLITUDE, SAMPLE_RATE, frequency_hz

Samples = NDArray[np.float32]

WINDOW_S = 0.5
_HEARD = AMPLITUDE / 10
_ABOVE_FLOOR = 5
_ASIDE_HZ = (-49, -41, 41, 49)
"""Where the floor beside a tone is measured: about halfway to the neighbours' tones."""
_BLOCK_S = 0.1
"""A level is the mean over blocks of this length, so that a splice in the sound does not cancel the tone."""
_SMOOTHING_S = 0.008


@dataclass(frozen=True, slots=True)
class Heard:
    """Of one participant's tone: in which share of the windows it is heard, and from when until when."""

    share: float
    first_s: float | None
    last_s: float | None


def load(file: Path) -> Samples:
    """Decode the file's sound to mono at 48 kHz; sample n stands at n / 48000 s of the file's own time.

    What the file leaves out is silence, so an offset or a gap in it stays where it is.
    """
    placed: list[tuple[int, NDArray[Any]]] = []
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    with av.open(str(file)) as container:
        for frame in container.decode(container.streams.audio[0]):
            start = round((frame.time or 0.0) * SAMPLE_RATE)
            placed.extend((start, part.to_ndarray()[0]) for part in resampler.resample(frame))
    return _joined(placed)


def _joined(placed: list[tuple[int, NDArray[Any]]]) -> Samples:
    out = np.zeros(max((start + len(part) for start, part in placed), default=0), np.float32)
    for start, part in placed:
        skipped = max(-start, 0)
        out[start + skipped : start + len(part)] = part[skipped:]
    return out


def _amplitude(window: Samples, frequency: float) -> float:
    size = round(_BLOCK_S * SAMPLE_RATE)
    blocks = np.lib.stride_tricks.sliding_window_view(window, size)[:: size // 2]
    shape = np.hanning(size)
    turn = shape * np.exp(-2j * np.pi * frequency * np.arange(size) / SAMPLE_RATE)
    return float(2 * np.abs(blocks @ turn).mean() / shape.sum())


def is_heard(window: Samples, index: int) -> bool:
    """Whether the participant's tone stands out at its frequency."""
    level = _amplitude(window, frequency_hz(index))
    floor = float(np.median([_amplitude(window, frequency_hz(index) + aside) for aside in _ASIDE_HZ]))
    return level > _HEARD and level > _ABOVE_FLOOR * floor


def listen(samples: Samples, index: int) -> Heard:
    """Return when the participant's tone is heard."""
    size = round(WINDOW_S * SAMPLE_RATE)
    windows = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    heard = [number for number, window in enumerate(windows) if is_heard(window, index)]
    if not heard:
        return Heard(0.0, None, None)
    return Heard(len(heard) / len(windows), heard[0] * WINDOW_S, (heard[-1] + 1) * WINDOW_S)


def beep_onsets(samples: Samples, index: int) -> list[float]:
    """Return the times in seconds at which the participant's beep begins: where its envelope passes half its height."""
    turn = np.exp(-2j * np.pi * frequency_hz(index) * np.arange(len(samples)) / SAMPLE_RATE)
    size = round(_SMOOTHING_S * SAMPLE_RATE)
    sums = np.concatenate([np.zeros(size), np.cumsum(samples * turn)])
    envelope = 2 * np.abs(sums[size:] - sums[:-size]) / size
    if not len(envelope) or envelope.max() < _HEARD:
        return []
    high = envelope > envelope.max() / 2
    rising = np.flatnonzero(high[1:] & ~high[:-1]) + 1
    times = rising / SAMPLE_RATE - _SMOOTHING_S / 2
    return [float(t) for n, t in enumerate(times) if n == 0 or t - times[n - 1] > WINDOW_S]
