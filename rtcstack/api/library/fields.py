"""What each field of the recordings library means, for the OpenAPI document."""

from collections.abc import Mapping
from typing import Final

_UTC: Final = "ISO 8601 in UTC, to the second"
_ID: Final = "The recording's id, `rec_…`."
_STATUS: Final = "How far it is."

FIELDS: Final[Mapping[str, str]] = {
    **{
        f"{schema}.{field}": text
        for schema in ("StartedBody", "StoppedBody", "SyncedRecording", "ListedBody", "RecordingDetails")
        for field, text in {"id": _ID, "status": _STATUS}.items()
    },
    **{
        f"{schema}.{field}": text
        for schema in ("ArchivedBody", "ProgressBody")
        for field, text in {"id": _ID, "status": "What it is now."}.items()
    },
    "duration_seconds": "Whole seconds; null until it is ready.",
    "size_bytes": "Bytes; null until it is ready.",
    "started_at": f"When it was begun: {_UTC}.",
    "stopped_at": f"When it was asked to end, or ended: {_UTC}; null before.",
    "archived_at": f"When it was archived: {_UTC}; null or left out if it is not.",
    "ListedBody.created_at": f"When it was begun: {_UTC}.",
    "ListBody.meta": "Where this page lies in the whole list.",
    "MetaBody.total": "How many there are in all, exactly.",
    "MetaBody.limit": "How many a page has at most, as it was applied.",
    "MetaBody.offset": "How many of the newest were left out.",
    "MetaBody.next_cursor": "The `cursor` of the next page; left out on the last one.",
    "library_schemas_RoomBody.id": "The room's id; a hall's id is one as well.",
    "library_schemas_RoomBody.name": "For people.",
    "RecordingDetails.room": "Where it was recorded.",
    "RecordingDetails.transfer": "How far the move into the archive or back is; left out if there was none.",
    "RecordingDetails.transfer_error": "Why the move has failed, in the store's words; there only then.",
    "RecordingDetails.error_code": "A stable word for why it has failed; there only then.",
    "RecordingDetails.error": "Why it has failed; there only then.",
    "RecordingDetails.verified_at": f"When the object was last held against what was recorded: {_UTC}; left out before.",
    "RecordingDetails.verify_error": "What did not agree then, or why nobody could look; left out if all was well.",
    "RecordingDetails.notes": "Sentences about what else one should know; left out if there is nothing.",
    "paused": "There, and true, while nothing is taken into the file.",
    "recovered": "There, and true, if a recorder or worker died over it and another went on.",
    "lost_seconds": "How much is missing for that reason, in seconds; there if `recovered` is.",
    "gaps": "Where how much is missing; left out if nothing is.",
    "upload_waits": "The store's words for as long as it does not take the file; left out otherwise.",
    "GapBody.at_seconds": "Where in the file, in seconds.",
    "GapBody.lost_seconds": "How much is missing there, in seconds.",
    "ReadyDownload.download_url": "A link to the file that expires.",
    "ReadyDownload.status": "`ready`.",
    "ReadyDownload.duration": "Whole seconds.",
    "ReadyDownload.file_size": "Bytes.",
    "ReadyDownload.provider": "Whose store it lies in.",
    "PendingDownload.status": "Why there is no file yet.",
    "PendingDownload.message": "The same for people.",
    "ProgressBody.message": "What goes on, for people.",
    "DeletedBody.id": _ID,
    "DeletedBody.deleted": "Always true.",
    "DeletedBody.deleted_at": f"When it was deleted: {_UTC}.",
    "SyncBody.synced_count": "How many were imported.",
    "SyncBody.recordings": "Those that were imported.",
    "SyncBody.skipped": "What lies there and is no recording; left out if there is nothing.",
    "SkippedObject.object_key": "The object's key in the bucket.",
    "SkippedObject.reason": "Why it is no recording.",
}
