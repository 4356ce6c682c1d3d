"""How the pages say things: states, sizes, lengths of time, instants."""

from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup

from rtcstack.domain.audit import Action
from rtcstack.domain.instant import iso_ms
from rtcstack.domain.recording import RecordingState, Transfer

_KB = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_TEN = 10

STATES: Final = {
    RecordingState.QUEUED: ("Waiting", "wait"),
    RecordingState.STARTING: ("Starting", "live"),
    RecordingState.RECORDING: ("Recording", "live"),
    RecordingState.PAUSED: ("Paused", "wait"),
    RecordingState.STOPPING: ("Finishing", "wait"),
    RecordingState.PROCESSING: ("Processing", "wait"),
    RecordingState.READY: ("Ready", "good"),
    RecordingState.ARCHIVED: ("Archived", "calm"),
    RecordingState.FAILED: ("Failed", "bad"),
}
"""A recording's states as people read them, and the tone of the badge."""
ACTS: Final = {
    Action.RECORDING_START: "Started",
    Action.RECORDING_START_UNDONE: "Start failed",
    Action.RECORDING_STOP: "Stopped",
    Action.RECORDING_STOP_UNDONE: "Stop failed",
    Action.RECORDING_PAUSE: "Paused",
    Action.RECORDING_RESUME: "Went on",
    Action.RECORDING_LINK: "Link to the file given out",
    Action.RECORDING_DELETE: "Deleted",
    Action.RECORDING_PURGE: "Data purged",
    Action.RECORDING_ARCHIVE: "Archived",
    Action.RECORDING_RESTORE: "Brought back",
    Action.RECORDING_RECOVER: "Recovery asked for",
    Action.RECORDING_RETRY: "Tried again",
}
"""What was done to a recording, as its history says it."""
TRANSFERS: Final = {
    Transfer.PENDING: "Its file is being moved.",
    Transfer.DONE: "Its file has been moved.",
    Transfer.FAILED: "Its file could not be moved.",
}
TONES: Final = {
    "complete": "good",
    "delivered": "good",
    "active": "good",
    "failed": "bad",
    "disabled": "bad",
}
"""Of clips, deliveries and webhooks; everything else waits."""


def sentence(text: str) -> str:
    """Return what a part has said of a fault, with its first letter as a sentence has it."""
    return text[:1].upper() + text[1:]


def size(n_bytes: int | None) -> str:
    """Return `1.2 GB`: three digits at most, by thousands."""
    value, unit = float(n_bytes or 0), 0
    while value >= _KB - 0.5 and unit < len(_UNITS) - 1:
        value, unit = value / _KB, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit and value < _TEN else f"{value:.0f} {_UNITS[unit]}"


def duration(ms: float | None) -> str:
    """Return `4:05` or `1:04:05`."""
    minutes, seconds = divmod(round((ms or 0) / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def instant(at_ms: int | None) -> Markup:
    """Return a `<time>` that a script shows in the reader's own time zone."""
    if at_ms is None:
        return Markup("&ndash;")
    plain = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    return Markup('<time datetime="{}">{} UTC</time>').format(iso_ms(at_ms), plain)


def since(at_ms: int, now_ms: int) -> Markup:
    """Return a length of time that a script lets go on."""
    return Markup('<span class="ticking" data-since="{}">{}</span>').format(
        at_ms, duration(max(0, now_ms - at_ms))
    )


def number(n: int) -> str:
    """Return `12 345` with narrow spaces that do not break."""
    return f"{n:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
