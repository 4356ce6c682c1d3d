"""Who did what: the entries of the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What is told of. A `….link` hands out a way to a file that works for whoever has it; what is `…_undone` was begun, and
    LiveKit did not take it.
    """

    RECORDING_START = "recording.start"
    RECORDING_START_UNDONE = "recording.start_undone"
    RECORDING_STOP = "recording.stop"
    RECORDING_STOP_UNDONE = "recording.stop_undone"
    RECORDING_PAUSE = "recording.pause"
    RECORDING_RESUME = "recording.resume"
    RECORDING_LAYOUT = "recording.layout"
    RECORDING_LINK = "recording.link"
    RECORDING_DELETE = "recording.delete"
    RECORDING_PURGE = "recording.purge"
    RECORDING_ARCHIVE = "recording.archive"
    RECORDING_RESTORE = "recording.restore"
    RECORDING_RECOVER = "recording.recover"
    RECORDING_RETRY = "recording.retry"
    CLIP_CREATE = "clip.create"
    CLIP_LINK = "clip.link"
    CLIP_DELETE = "clip.delete"
    HALL_CLOSE = "hall.close"
    ROOM_CLOSE = "room.close"
    PARTICIPANT_REMOVE = "participant.remove"
    PARTICIPANT_MUTE = "participant.mute"
    PARTICIPANT_UNMUTE = "participant.unmute"
    STORAGE_SET = "storage.set"
    STORAGE_DELETE = "storage.delete"
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_CHANGE = "webhook.change"
    WEBHOOK_DELETE = "webhook.delete"
    WEBHOOK_ROTATE = "webhook.rotate"
    KEY_CREATE = "key.create"
    KEY_REVOKE = "key.revoke"
    TENANT_CREATE = "tenant.create"
    TENANT_PLAN = "tenant.plan"
    TENANT_RETENTION = "tenant.retention"
    SEALING_ROTATE = "sealing.rotate"
    SEALING_FORGET = "sealing.forget"
    RECONCILE_REPAIR = "reconcile.repair"
    ADMIN_PASSWORD = "admin.password"  # noqa: S105  # a word of ours, no secret
    ADMIN_SIGN_IN = "admin.sign_in"
    ADMIN_SIGN_OUT = "admin.sign_out"


@dataclass(frozen=True)
class Actor:
    """`key`, with the key's id and the caller's address; `admin`, at the dashboard, with the user's id in the key's place;
    `operator`, at the machine's own command line; or `system`.
    """

    kind: str
    key_id: str | None = None
    address: str | None = None
    request_id: str | None = None


SYSTEM = Actor("system")
OPERATOR = Actor("operator")


@dataclass(frozen=True)
class AuditEntry:
    """`tenant_id` is whose object it is: None for what belongs to the whole appliance. `details` never hold a secret."""

    id: str
    at_ms: int
    action: str
    tenant_id: str | None
    object_id: str | None
    actor: Actor
    details: Mapping[str, Any]


@dataclass(frozen=True)
class AuditFilter:
    """Which entries: each of these narrows them unless it is None. `since_ms` is included."""

    tenant_id: str | None = None
    action: str | None = None
    since_ms: int | None = None
    object_id: str | None = None
