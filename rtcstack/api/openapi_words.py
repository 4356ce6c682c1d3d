"""What the OpenAPI document says of parameters and failures, route by route."""

from collections.abc import Mapping
from typing import Final

from rtcstack.api.errors import example_of

PARAMETERS: Final[Mapping[str, str]] = {
    "room_id": "The room's id: your own, or `room_…`; a hall's id is one as well.",
    "hall_id": "The hall's id, `h_…`.",
    "recording_id": "The recording's id, `rec_…`, wherever it was started.",
    "clip_id": "The clip's id, `clip_…`.",
    "webhook_id": "The endpoint's id, `whk_…`.",
    "identity": "Who, as the join token names them.",
    "limit": "How many at most; above 100 it is 100, and `meta.limit` says so.",
    "offset": "How many of the newest to leave out; not together with `cursor`.",
    "cursor": "`meta.next_cursor` of the page before.",
    "status": "Only those that are in it now.",
}

_NOT_FOUND: Final = (
    ("/participants/", "participant_not_found", "There is nobody ada in the room."),
    ("/recording/stop", "recording_not_active", "Room room-abc is not being recorded."),
    ("/recordings/stop", "recording_not_active", "No active recording for this room"),
    ("/v1/rooms", "room_not_found", "There is no room room-abc."),
    ("/api/v1/rooms", "room_not_found", "There is no room room-abc."),
    ("/v1/halls", "hall_not_found", "There is no hall h_01j9x2kp3n8fxrqk4m2b."),
    ("/previews", "previews_not_found", "There are no previews of this recording."),
    ("/storyboard", "previews_not_found", "There are no previews of this recording."),
    ("/v1/clips", "clip_not_found", "There is no clip clip_01j9xz4m2bkp3n8fxrqk."),
    ("/v1/webhooks", "webhook_not_found", "There is no webhook whk_01j9x2kp3n8fxrqk4m2b."),
    ("/v1/settings/storage", "storage_not_found", "This tenant has no bucket of its own."),
    ("/recordings", "recording_not_found", "There is no recording rec_01j9x2kp3n8fxrqk4m2b."),
)
"""By a piece of the path, the first that fits."""

_QUOTA: Final = ("quota_reached", "The plan free allows 1 recording at a time; stop one first.")
_CONFLICTS: Final[Mapping[str, tuple[str, str]]] = {
    "POST /v1/rooms": ("room_exists", "There is a room room-abc already."),
    "POST /v1/rooms/{room_id}/recording/start": _QUOTA,
    "POST /v1/rooms/{room_id}/participants/{identity}/mute": (
        "unmute_refused",
        "LiveKit lets people unmute nobody but themselves; room.enable_remote_unmute in its configuration allows it.",
    ),
    "POST /v1/halls": _QUOTA,
    "POST /v1/recordings/{recording_id}/clips": ("recording_failed", "Recording failed: the encoder died"),
    "POST /v1/webhooks/{webhook_id}/replay": (
        "webhook_disabled",
        "The endpoint is disabled: the endpoint answered 410 Gone. Enable it with paused: false.",
    ),
    "POST /v1/webhooks": ("webhook_limit", "A tenant may have 50 endpoints; delete one first."),
    "POST /api/v1/rooms/{room_id}/recordings/start": (
        "recording_already_active",
        "Room is already being recorded",
    ),
    "GET /api/v1/recordings/{recording_id}/download": (
        "recording_archived",
        "Recording is archived. Restore it first.",
    ),
    "POST /api/v1/recordings/{recording_id}/restore": ("recording_not_archived", "Recording is not archived"),
    "POST /api/v1/recordings/{recording_id}/retry": (
        "recording_not_failed",
        "Recording is not in failed status",
    ),
    "DELETE /api/v1/recordings/{recording_id}": (
        "recording_active",
        "Recording is still in progress. Stop it first.",
    ),
    "PUT /v1/settings/storage": (
        "storage_taken",
        "Another tenant records into this bucket under this prefix. Give another prefix.",
    ),
    "POST /v1/settings/storage/test": (
        "storage_check_running",
        "A bucket of yours is being checked already; try again in a moment.",
    ),
}
_UNREADABLE: Final = (
    "storage_read_forbidden",
    "The key of this bucket may put objects, but not read them.",
)
_CONFLICT: Final = 409
_MISSING: Final = 404


def failure_of(method: str, path: str, status: int) -> tuple[str, str, str]:
    """Return what the failure means on that route, and an example's code and message."""
    text, code, message = example_of(status)
    if status == _MISSING:
        return text, *next((c, m) for part, c, m in _NOT_FOUND if part in path)
    if status == _CONFLICT:
        is_post = method == "post"
        text = text if is_post else "The state does not allow it"
        fallback = (code, message) if is_post else _UNREADABLE
        return text, *_CONFLICTS.get(f"{method.upper()} {path}", fallback)
    return text, code, message
