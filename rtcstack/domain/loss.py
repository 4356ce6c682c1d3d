"""What a recording lacks, in the words that its worker gives LiveKit (`details` of an egress) and the API reads there.

`recovered: 1.4 s lost at 12.3 s, 0.9 s lost at 40.1 s` after the death of a recorder or worker; `upload waits: …` while
the store does not take the file. Sentences of `details` are separated by `; `.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SEPARATOR: Final = "; "
_RECOVERED: Final = "recovered"
_WAITS: Final = "upload waits: "
_GAP: Final = re.compile(r"(\d+\.\d) s lost at (\d+\.\d) s")
_MOST: Final = 50
"""So many gaps are named; what is missing beyond stands in the recording's spans."""


@dataclass(frozen=True)
class Gap:
    """A stretch of the room that is missing, and where in the file that is."""

    at_ms: int
    lost_ms: int


def recovered(gaps: Sequence[Gap]) -> str:
    """Return the sentence about a recording whose recorder or worker died."""
    named = ", ".join(f"{gap.lost_ms / 1000:.1f} s lost at {gap.at_ms / 1000:.1f} s" for gap in gaps[:_MOST])
    return f"{_RECOVERED}: {named}" if named else _RECOVERED


def read_recovered(details: str) -> tuple[Gap, ...] | None:
    """Return the gaps that the details name; None for a recording that needed no recovery."""
    for sentence in details.split(SEPARATOR):
        if sentence == _RECOVERED or sentence.startswith(f"{_RECOVERED}: "):
            return tuple(Gap(_ms(at), _ms(lost)) for lost, at in _GAP.findall(sentence))
    return None


def upload_waits(words: str) -> str:
    """Return the sentence about a file that the store does not take for now, with the store's words in it."""
    return _WAITS + words.replace(SEPARATOR, ", ")


def read_upload_waits(details: str) -> str | None:
    found = [s.removeprefix(_WAITS) for s in details.split(SEPARATOR) if s.startswith(_WAITS)]
    return found[-1] if found else None


def without_upload_waits(details: str) -> str:
    return SEPARATOR.join(s for s in details.split(SEPARATOR) if not s.startswith(_WAITS))


def _ms(seconds: str) -> int:
    return round(float(seconds) * 1000)
