"""How far a flash and a beep that were sent together lie apart in a recording."""

from dataclasses import dataclass
from pathlib import Path

from rtcstack.demo import hearing, sight

_PAIR_WITHIN_S = 0.45


@dataclass(frozen=True, slots=True)
class Offset:
    time_s: float
    """Of the first frame that shows the flash."""
    offset_ms: float
    """The beep's beginning after the flash's; negative when the sound comes first."""


def pair(flashes: list[float], beeps: list[float]) -> list[Offset]:
    """Join every flash with the beep nearest to it; one without a beep near it is left out."""
    out = []
    for flash in flashes:
        nearest = min(beeps, key=lambda beep: abs(beep - flash), default=None)
        if nearest is not None and abs(nearest - flash) < _PAIR_WITHIN_S:
            out.append(Offset(flash, (nearest - flash) * 1000))
    return out


def measure(file: Path, index: int) -> list[Offset]:
    """Measure every flash and beep of a participant that sent `Media(sound="beep", flash=True)`.

    The flash is known to one frame: a source at 15 frames a second in a recording at 30 adds 0 to 33 ms of its own.
    """
    frames = list(sight.look(file, [index]))
    return pair(sight.flash_onsets(frames, index), hearing.beep_onsets(hearing.load(file), index))
