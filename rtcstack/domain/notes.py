"""What a person should know about a recording that is good all the same, in the words that its worker gives LiveKit
(`details` of an egress) and the API reads there. Sentences of `details` are separated by `; ` (`loss.py`).
"""

from datetime import UTC, datetime
from typing import Final

from rtcstack.domain.loss import SEPARATOR

_ENDS_EARLY: Final = "the recording ends early: "
_FEWER: Final = "fewer pictures: "
_CUT_OFF: Final = "cut off: "
_SOUND: Final = "sound is missing: "
DISK_FULL: Final = _ENDS_EARLY + "the disk of the Egress worker was full"
CONNECTION_LOST: Final = (
    _ENDS_EARLY + "the Egress worker lost its connection to LiveKit and did not get it back"
)
LIMIT_REACHED: Final = (
    _ENDS_EARLY + "it had become as long or as large as the settings of the Egress worker allow"
)


def fewer_pictures(for_ms: int, framerate: int) -> str:
    """Return the sentence about a recording whose frame rate was lowered; `framerate` is the lowest there was."""
    return f"{_FEWER}down to {framerate} a second, for {for_ms / 1000:.1f} s in all, as the machine was overloaded"


def cut_off(for_ms: int, since_ns: int) -> str:
    """Return the sentence about a recorder that had no connection while its file went on; `since_ns` is when that began
    first (wall time).
    """
    since = datetime.fromtimestamp(since_ns // 1_000_000_000, UTC)
    return (
        f"{_CUT_OFF}for {for_ms / 1000:.1f} s in all, first at {since:%H:%M:%S} UTC, the recorder had no connection to "
        "LiveKit, and what was seen and heard meanwhile is missing"
    )


def sound_missing(for_ms: int) -> str:
    """Return the sentence about sound that a starved recorder did not take in."""
    return f"{_SOUND}for some {for_ms / 1000:.1f} s in all, as the machine was overloaded"


def lacks_time(note: str) -> bool:
    """Whether something that happened cannot be seen or heard at all; fewer pictures a second show all of it."""
    return not note.startswith(_FEWER)


def read_notes(details: str) -> tuple[str, ...]:
    return tuple(
        one for one in details.split(SEPARATOR) if one.startswith((_ENDS_EARLY, _FEWER, _CUT_OFF, _SOUND))
    )
