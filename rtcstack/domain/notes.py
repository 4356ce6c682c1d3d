"""What a person should know about a recording that is good all the same, in the words that its worker gives LiveKit
(`details` of an egress) and the API reads there. Sentences of `details` are separated by `; ` (`loss.py`).
"""

from typing import Final

from rtcstack.domain.loss import SEPARATOR

_ENDS_EARLY: Final = "the recording ends early: "
_FEWER: Final = "fewer pictures: "
DISK_FULL: Final = _ENDS_EARLY + "the disk of the Egress worker was full"
LIMIT_REACHED: Final = (
    _ENDS_EARLY + "it had become as long or as large as the settings of the Egress worker allow"
)


def fewer_pictures(for_ms: int, framerate: int) -> str:
    """Return the sentence about a recording whose frame rate was lowered; `framerate` is the lowest there was."""
    return f"{_FEWER}down to {framerate} a second, for {for_ms / 1000:.1f} s in all, as the machine was overloaded"


def read_notes(details: str) -> tuple[str, ...]:
    return tuple(one for one in details.split(SEPARATOR) if one.startswith((_ENDS_EARLY, _FEWER)))
