"""In which order the stretches of a line are seen, where some of it is read from right to left.

The rules are those of the Unicode Bidirectional Algorithm (UAX 9) for a line without embeddings; numbers in brackets are its rules.
"""

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Final

_NUMBERS: Final = frozenset({"EN", "AN"})
_BETWEEN_NUMBERS: Final = frozenset({"ES", "CS"})
_STRONG: Final = {"L": "L", "R": "R", "AL": "R"}


def levels(text: str) -> list[int]:
    """Return the level of each letter: odd ones are read from right to left, each deeper one lies within those around."""
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    line = next((_STRONG[kind] for kind in kinds if kind in _STRONG), "L")  # (P2, P3)
    found = [*_neutrals_settled(_settled(kinds, line), line)]
    base = 1 if line == "R" else 0
    return [{"L": 2 * base, "R": 1, "number": 2}[direction] if direction else base for direction in found]


def _settled(kinds: list[str], line: str) -> list[str | None]:
    """Return the direction of each letter: L, R, a number within R, or None of what depends on its surroundings (W1 to W7)."""
    found: list[str | None] = []
    strong = line
    for kind, following in zip(kinds, [*kinds, ""][1:], strict=True):
        before = found[-1] if found else line
        if kind in _STRONG:
            strong = _STRONG[kind]
            found.append(strong)
        elif kind in _NUMBERS or (kind in _BETWEEN_NUMBERS and before == "number" and following in _NUMBERS):
            found.append("number" if strong == "R" else "L")
        else:
            found.append(before if kind == "NSM" else None)
    return found


def _neutrals_settled(found: list[str | None], line: str) -> Iterator[str | None]:
    """Between two of the same direction it is theirs (N1); None is the line's (N2)."""
    sides = ["R" if direction == "number" else direction for direction in found]
    before = line
    for at, direction in enumerate(found):
        if direction is not None:
            before = sides[at] or before
            yield direction
            continue
        behind = next((side for side in sides[at:] if side), line)
        yield before if before == behind else None


def seen(text: str) -> list[tuple[int, range]]:
    """Return the stretches of one level from left to right: each level, and which letters of the text it is (L2)."""
    of = levels(text)
    runs = [(level, list(places)) for level, places in groupby(range(len(text)), key=of.__getitem__)]
    ordered = [(level, range(places[0], places[-1] + 1)) for level, places in runs]
    for deepest in range(max(of, default=0), 0, -1):
        turned: list[tuple[int, range]] = []
        for is_deep, group in groupby(ordered, key=lambda run: run[0] >= deepest):
            members = list(group)
            turned += members[::-1] if is_deep else members
        ordered = turned
    return ordered
