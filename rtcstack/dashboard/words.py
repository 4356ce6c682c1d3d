"""How the pages say things: states, sizes, lengths of time, instants."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from rtcstack.domain.audit import Action
from rtcstack.domain.instant import iso_ms
from rtcstack.domain.recording import RecordingState, Transfer

_KB = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_TEN = 10
_GIB = 2**30
_SPANS = (("day", 24 * 3600), ("hour", 3600), ("minute", 60), ("second", 1))

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
    Action.RECORDING_RESUME: "Resumed",
    Action.RECORDING_LINK: "Link to the file given out",
    Action.RECORDING_DELETE: "Deleted",
    Action.RECORDING_PURGE: "Data purged",
    Action.RECORDING_ARCHIVE: "Archived",
    Action.RECORDING_RESTORE: "Brought back",
    Action.RECORDING_RECOVER: "Recovery asked for",
    Action.RECORDING_RETRY: "Tried again",
}
"""What was done to a recording, as its history says it."""
DEEDS: Final = {action: f"Recording: {word[0].lower()}{word[1:]}" for action, word in ACTS.items()} | {
    Action.CLIP_CREATE: "Clip: made",
    Action.CLIP_LINK: "Clip: link to the file given out",
    Action.CLIP_DELETE: "Clip: deleted",
    Action.HALL_CLOSE: "Hall: closed",
    Action.ROOM_CLOSE: "Room: closed",
    Action.STORAGE_SET: "Storage: own bucket set",
    Action.STORAGE_DELETE: "Storage: own bucket given up",
    Action.WEBHOOK_CREATE: "Webhook: endpoint added",
    Action.WEBHOOK_CHANGE: "Webhook: endpoint changed",
    Action.WEBHOOK_DELETE: "Webhook: endpoint deleted",
    Action.WEBHOOK_ROTATE: "Webhook: new secret made",
    Action.KEY_CREATE: "API key: made",
    Action.KEY_REVOKE: "API key: revoked",
    Action.TENANT_CREATE: "Tenant: made",
    Action.TENANT_PLAN: "Tenant: plan set",
    Action.SEALING_ROTATE: "Sealing: master key changed",
    Action.SEALING_FORGET: "Sealing: old master key forgotten",
    Action.RECONCILE_REPAIR: "Reconciling: repaired",
    Action.ADMIN_PASSWORD: "Admin: password set",
    Action.ADMIN_SIGN_IN: "Admin: signed in",
    Action.ADMIN_SIGN_OUT: "Admin: signed out",
}
"""The same for the audit log, with what it was done to."""
_PAGES: Final = {
    "hall": "/rooms/{}",
    "room": "/rooms/{}",
    "webhook": "/webhooks/{}",
    "storage": "/settings/storage",
    "key": "/settings/keys",
    "tenant": "/settings/tenants",
}
_BY_ID: Final = {"rec_": "/recordings/{}", "clip_": "/clips/{}"}
"""A link may have been given out for all recordings of a room: then the object is the room."""
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


def instant(at_ms: int | None, *, seconds: bool = False) -> Markup:
    """Return a `<time>` that a script shows in the reader's own time zone; to the second where the order of things matters."""
    if at_ms is None:
        return Markup("&ndash;")
    plain = datetime.fromtimestamp(at_ms / 1000, UTC).strftime(
        "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
    )
    exact = Markup(" data-seconds") if seconds else ""
    return Markup('<time datetime="{}"{}>{} UTC</time>').format(iso_ms(at_ms), exact, plain)


def span(seconds: float) -> str:
    """Return `30 days`, `1 hour` or `90 seconds`: in the largest unit of which it is a whole number."""
    for unit, unit_s in _SPANS:
        if seconds >= unit_s and seconds % unit_s == 0:
            return f"{seconds / unit_s:g} {unit}{'' if seconds == unit_s else 's'}"
    return f"{seconds:g} seconds"


def limit(n_bytes: int) -> str:
    """Return a size that somebody has set: as `10 GiB` if it is so many, else as other sizes."""
    return size(n_bytes) if n_bytes % _GIB else f"{n_bytes // _GIB} GiB"


def object_page(action: str, object_id: str | None) -> str | None:
    """Return the page of what an entry of the audit log is about, None if there is none, or no more."""
    kind, _, deed = action.partition(".")
    if object_id is None or (deed in {"delete", "purge"} and kind != "storage"):
        return None
    path = _PAGES.get("room" if kind == "recording" else kind)
    path = next((to for prefix, to in _BY_ID.items() if object_id.startswith(prefix)), path)
    return path.format(quote(object_id, safe="")) if path else None


def since(at_ms: int, now_ms: int) -> Markup:
    """Return a length of time that a script lets go on."""
    return Markup('<span class="ticking" data-since="{}">{}</span>').format(
        at_ms, duration(max(0, now_ms - at_ms))
    )


def number(n: int) -> str:
    """Return `12 345` with narrow spaces that do not break."""
    return f"{n:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
