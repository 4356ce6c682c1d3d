"""The recordings library (`/api/v1`)."""

from datetime import datetime

import msgspec

from rtcstack.client.models.halls import Gap
from rtcstack.client.models.words import LibraryStatus, Provider, Transfer


class StartedRecording(msgspec.Struct, frozen=True):
    id: str
    room_id: str
    status: LibraryStatus
    started_at: datetime


class StoppedRecording(msgspec.Struct, frozen=True):
    id: str
    room_id: str
    status: str
    stopped_at: datetime | None


class SyncedRecording(msgspec.Struct, frozen=True):
    id: str
    status: LibraryStatus


class SkippedObject(msgspec.Struct, frozen=True):
    object_key: str
    reason: str


class Synced(msgspec.Struct, frozen=True):
    synced_count: int
    recordings: list[SyncedRecording]
    skipped: list[SkippedObject] = []


class ListedRecording(msgspec.Struct, frozen=True):
    """`duration_seconds` and `size_bytes` are None until the recording is ready."""

    id: str
    room_id: str
    status: LibraryStatus
    duration_seconds: int | None
    size_bytes: int | None
    created_at: datetime


class PageMeta(msgspec.Struct, frozen=True):
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class RecordingsPage(msgspec.Struct, frozen=True):
    data: list[ListedRecording]
    meta: PageMeta


class RoomName(msgspec.Struct, frozen=True):
    id: str
    name: str


class Recording(msgspec.Struct, frozen=True):
    """All that is known of one; see docs/api/library.md for `transfer`, `verify_error`, `recovered` and `gaps`."""

    id: str
    room_id: str
    room: RoomName
    status: LibraryStatus
    duration_seconds: int | None
    size_bytes: int | None
    started_at: datetime
    stopped_at: datetime | None
    archived_at: datetime | None = None
    transfer: Transfer | None = None
    transfer_error: str | None = None
    error_code: str | None = None
    error: str | None = None
    verified_at: datetime | None = None
    verify_error: str | None = None
    notes: list[str] = []
    paused: bool = False
    recovered: bool = False
    lost_seconds: float | None = None
    gaps: list[Gap] = []
    upload_waits: str | None = None


class Download(msgspec.Struct, frozen=True):
    """`download_url` is a link that expires; while the recording is not ready it is None, and `message` says so."""

    recording_id: str
    status: LibraryStatus
    download_url: str | None = None
    duration: int | None = None
    file_size: int | None = None
    provider: Provider | None = None
    message: str | None = None


class ArchivedRecording(msgspec.Struct, frozen=True):
    id: str
    status: LibraryStatus
    archived_at: datetime | None


class RecordingProgress(msgspec.Struct, frozen=True):
    """What goes on in the background; the status is the one of now."""

    id: str
    status: LibraryStatus
    message: str


class DeletedRecording(msgspec.Struct, frozen=True):
    id: str
    deleted: bool
    deleted_at: datetime
