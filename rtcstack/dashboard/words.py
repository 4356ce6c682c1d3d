"""What the pages call things: states, deeds, queues."""

from collections.abc import Container
from typing import Final
from urllib.parse import quote

from rtcstack.domain.audit import Action
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import RecordingState, Transfer

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
    Action.RECORDING_LAYOUT: "Layout changed",
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
    Action.PARTICIPANT_REMOVE: "Participant: removed",
    Action.PARTICIPANT_MUTE: "Participant: muted",
    Action.PARTICIPANT_UNMUTE: "Participant: unmuted",
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
    Action.TENANT_RETENTION: "Tenant: retention set",
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
    "participant": "/rooms/{}",
    "webhook": "/webhooks/{}",
    "storage": "/settings/storage",
    "key": "/settings/keys",
    "tenant": "/settings/tenants",
}
_ALWAYS_THERE: Final = frozenset({"storage", "key", "tenant"})
"""Their page is that of all of them."""
_DELETABLE: Final = ("rec_", "clip_", "whk_")
_BY_ID: Final = {"rec_": "/recordings/{}", "clip_": "/clips/{}"}
"""A link may have been given out for all recordings of a room: then the object is the room."""
TRANSFERS: Final = {
    Transfer.PENDING: "Its file is being moved.",
    Transfer.DONE: "Its file has been moved.",
    Transfer.FAILED: "Its file could not be moved.",
}
QUEUES: Final = {
    "inbox": "Events from LiveKit",
    "deliveries": "Webhook deliveries",
    "queued": "Recordings that wait for capacity",
    "processing": "Recordings being finished",
    JobKind.ARCHIVE: "Moves to the archive",
    JobKind.RESTORE: "Moves out of the archive",
    JobKind.RECOVER: "Recoveries",
    JobKind.UPLOAD: "Uploads from the spool",
    JobKind.CLIP: "Clips",
    JobKind.VERIFY: "Checks of stored files",
    JobKind.PREVIEWS: "Posters and storyboards",
    JobKind.MODERATE: "Moderation of recordings",
    JobKind.MOVE: "Moves between buckets",
    JobKind.PURGE: "Purges of deleted recordings",
}
"""What waits in the appliance, as the overview says it."""
SOURCES: Final = {
    "camera": "camera",
    "microphone": "microphone",
    "screen_share": "screen",
    "screen_share_audio": "sound of the screen",
    "unknown": "something else",
}
"""What somebody in a room sends."""
TONES: Final = {
    "complete": "good",
    "delivered": "good",
    "active": "good",
    "failed": "bad",
    "disabled": "bad",
}
"""Of clips, deliveries and webhooks; everything else waits."""


def object_page(action: str, object_id: str, there: Container[str]) -> str | None:
    """Return the page of what an entry of the audit log is about, None if there is none, or it is not there any more."""
    kind = action.partition(".")[0]
    if kind not in _ALWAYS_THERE and object_id not in there:
        return None
    path = _PAGES.get("room" if kind == "recording" else kind)
    path = next((to for prefix, to in _BY_ID.items() if object_id.startswith(prefix)), path)
    return path.format(quote(object_id, safe="")) if path else None


def is_deleted(object_id: str, there: Container[str]) -> bool:
    """Say whether an object of the tenant that is looked at was deleted since."""
    return object_id.startswith(_DELETABLE) and object_id not in there
