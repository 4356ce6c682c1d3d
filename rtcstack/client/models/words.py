"""Words of states. Type checkers know the present ones; at run time any text is taken, so that a newer server's word is no error."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import msgspec

LibraryStatus = Literal["recording", "processing", "ready", "archived", "failed"]
HallRecordingStatus = Literal["recording", "processing", "complete", "failed"]
HallStatus = Literal["active", "closed"]
RecordingState = Literal[
    "queued",
    "starting",
    "recording",
    "paused",
    "stopping",
    "processing",
    "ready",
    "archived",
    "failed",
]
ClipStatus = Literal["processing", "complete", "failed"]
ClipMode = Literal["reencode", "smart"]
WebhookStatus = Literal["active", "paused", "disabled"]
DeliveryStatus = Literal["pending", "delivered", "failed"]
Provider = Literal["minio", "r2", "s3", "b2", "spaces", "wasabi", "other"]
Role = Literal["participant", "host", "viewer"]
TrackSource = Literal["camera", "microphone", "screen_share", "screen_share_audio", "unknown"]
ModerationAction = Literal["notify", "close"]
Transfer = Literal["pending", "done", "failed"]
ActorType = Literal["key", "admin", "operator", "system"]
StartedStatus = Literal["starting", "active"]
PausedStatus = Literal["paused", "active"]
Readiness = Literal["ready", "unready"]
FindingKind = Literal[
    "egress_missing",
    "egress_gone",
    "end_unheard",
    "egress_unwanted",
    "start_abandoned",
    "books_behind",
    "row_stuck",
    "object_missing",
    "size_mismatch",
    "object_unknown",
    "object_late",
    "file_kept",
    "file_unknown",
    "participant_gone",
]

if not TYPE_CHECKING:

    def _open(words: Any) -> Any:
        return Annotated[str, msgspec.Meta(extra_json_schema={"enum": list(get_args(words))})]

    LibraryStatus, HallRecordingStatus, HallStatus, RecordingState, ClipStatus, ClipMode, WebhookStatus = map(
        _open,
        (LibraryStatus, HallRecordingStatus, HallStatus, RecordingState, ClipStatus, ClipMode, WebhookStatus),
    )
    DeliveryStatus, Provider, Role, TrackSource, ModerationAction, Transfer, ActorType = map(
        _open, (DeliveryStatus, Provider, Role, TrackSource, ModerationAction, Transfer, ActorType)
    )
    StartedStatus, PausedStatus, Readiness, FindingKind = map(
        _open, (StartedStatus, PausedStatus, Readiness, FindingKind)
    )
