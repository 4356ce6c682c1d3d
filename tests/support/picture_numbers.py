"""Where sound stands to the pictures around it, by the numbers in the pictures: also where many of them are missing.

A flash is one picture, and one that is lost says nothing, or the next one is taken for it. Of the pictures half a second before
and after a beep each one tells by its number when it was drawn, and their median tells how late pictures are.
"""

from pathlib import Path
from statistics import median

from rtcstack.demo import hearing, sight

_AROUND_S = 0.5
_FEWEST = 3


def offsets_ms(file: Path, index: int, framerate: int) -> list[tuple[float, float]]:
    """Return when each beep of `Media(sound="beep")` begins, in s, and how much later than its pictures, in ms."""
    shown = _first_shown(file, index)
    found = []
    for beep in hearing.beep_onsets(hearing.load(file), index):
        late = [
            _wrapped(beep - (at_s - number % framerate / framerate))
            for at_s, number in shown
            if abs(at_s - beep) < _AROUND_S
        ]
        if len(late) >= _FEWEST:
            found.append((beep, median(late) * 1000))
    return found


def _first_shown(file: Path, index: int) -> list[tuple[float, int]]:
    """Return the time of each picture's first frame, and its number."""
    shown: list[tuple[float, int]] = []
    for frame in sight.look(file, [index]):
        if index in frame.seen and (not shown or frame.seen[index].number != shown[-1][1]):
            shown.append((frame.time_s, frame.seen[index].number))
    return shown


def _wrapped(difference_s: float) -> float:
    """Beeps come once a second: the nearest one is meant."""
    return (difference_s + 0.5) % 1 - 0.5
