"""One example of each body, for the OpenAPI document; those in an envelope stand without it."""

from rtcstack.api.library.details import RecordingDetails
from rtcstack.api.library.schemas import (
    ArchivedBody,
    DeletedBody,
    ListBody,
    ListedBody,
    MetaBody,
    PendingDownload,
    ProgressBody,
    ReadyDownload,
    RoomBody,
    StartedBody,
    StoppedBody,
    SyncBody,
    SyncedRecording,
)

_ID, _ROOM_ID = "rec_01j9x2kp3n8fxrqk4m2b", "room-abc"
_FROM, _UNTIL = "2024-04-21T10:00:00Z", "2024-04-21T11:00:00Z"
_LISTED = ListedBody(_ID, _ROOM_ID, "ready", duration_seconds=3600, size_bytes=512_000_000, created_at=_FROM)
EXAMPLES = (
    StartedBody(_ID, _ROOM_ID, "recording", _FROM),
    StoppedBody(_ID, _ROOM_ID, "processing", _UNTIL),
    SyncBody(1, [SyncedRecording(_ID, "ready")]),
    ListBody([_LISTED], MetaBody(total=1, limit=20, offset=0)),
    RecordingDetails(
        id=_ID,
        room_id=_ROOM_ID,
        room=RoomBody(_ROOM_ID, "Standup"),
        status="ready",
        duration_seconds=3600,
        size_bytes=512_000_000,
        started_at=_FROM,
        stopped_at=_UNTIL,
    ),
    ReadyDownload(
        recording_id=_ID,
        download_url="http://localhost:9000/rtcstack-recordings/room-abc/2024-04-21T10-00-00.mp4?X-Amz-Signature=…",
        status="ready",
        duration=3600,
        file_size=512_000_000,
        provider="minio",
    ),
    PendingDownload(_ID, "processing", "Recording is still being processed. Please try again later."),
    ArchivedBody(_ID, "archived", _UNTIL),
    ProgressBody(_ID, "processing", "Recovery initiated. Recording will be reprocessed."),
    DeletedBody(_ID, deleted=True, deleted_at=_UNTIL),
)
