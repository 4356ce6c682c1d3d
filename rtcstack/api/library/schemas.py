"""Bodies of the recordings library: snake_case in an envelope, whole-second instants (seed document 003)."""

from collections.abc import Mapping
from typing import Generic, Literal, TypeVar

import msgspec

from rtcstack.domain.instant import iso_s
from rtcstack.domain.provider import Provider
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.services.library.catalog import Download
from rtcstack.services.library.sync import Synced

T = TypeVar("T")
Status = Literal["recording", "processing", "ready", "archived", "failed"]

STATUS: Mapping[RecordingState, Status] = {
    RecordingState.QUEUED: "recording",
    RecordingState.STARTING: "recording",
    RecordingState.RECORDING: "recording",
    RecordingState.PAUSED: "recording",
    RecordingState.STOPPING: "processing",
    RecordingState.PROCESSING: "processing",
    RecordingState.READY: "ready",
    RecordingState.ARCHIVED: "archived",
    RecordingState.FAILED: "failed",
}
"""Document 003, "Status Lifecycle"."""

_WAIT: Mapping[Status, str] = {
    "recording": "Recording is still in progress. Please try again after it has been stopped.",
    "processing": "Recording is still being processed. Please try again later.",
}


def states_of(status: Status | None) -> frozenset[RecordingState]:
    """Return what a status stands for; of none, nothing."""
    return frozenset(state for state, word in STATUS.items() if word == status)


def instant(at_ms: int | None) -> str | None:
    return iso_s(at_ms) if at_ms is not None else None


class Envelope(msgspec.Struct, Generic[T]):
    data: T


class StartedBody(msgspec.Struct):
    id: str
    room_id: str
    status: Status
    started_at: str

    @classmethod
    def from_domain(cls, recording: Recording) -> "StartedBody":
        return cls(recording.id, recording.room_id, STATUS[recording.state], iso_s(recording.started_at_ms))


class StoppedBody(msgspec.Struct):
    """The same also for one that waited for an Egress worker, and has failed by being stopped."""

    id: str
    room_id: str
    status: Literal["processing"]
    stopped_at: str | None

    @classmethod
    def from_domain(cls, recording: Recording) -> "StoppedBody":
        return cls(recording.id, recording.room_id, "processing", instant(recording.stopped_at_ms))


class SyncedRecording(msgspec.Struct):
    id: str
    status: Status


class SkippedObject(msgspec.Struct):
    object_key: str
    reason: str


class SyncBody(msgspec.Struct, omit_defaults=True):
    """`skipped` is there when something is."""

    synced_count: int
    recordings: list[SyncedRecording]
    skipped: list[SkippedObject] = []

    @classmethod
    def from_domain(cls, synced: Synced) -> "SyncBody":
        imported = [SyncedRecording(r.id, STATUS[r.state]) for r in synced.imported]
        skipped = [SkippedObject(s.object_key, s.reason) for s in synced.skipped]
        return cls(len(imported), imported, skipped)


class ListedBody(msgspec.Struct):
    """`duration_seconds` and `size_bytes` are null until the recording is ready."""

    id: str
    room_id: str
    status: Status
    duration_seconds: int | None
    size_bytes: int | None
    created_at: str

    @classmethod
    def from_domain(cls, recording: Recording) -> "ListedBody":
        return cls(
            id=recording.id,
            room_id=recording.room_id,
            status=STATUS[recording.state],
            duration_seconds=duration_s(recording),
            size_bytes=size_bytes(recording),
            created_at=iso_s(recording.started_at_ms),
        )


class MetaBody(msgspec.Struct, omit_defaults=True):
    """`limit` is what was applied. `next_cursor` is there when more follow."""

    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class ListBody(msgspec.Struct):
    data: list[ListedBody]
    meta: MetaBody


class RoomBody(msgspec.Struct):
    id: str
    name: str

    @classmethod
    def from_domain(cls, room: Room) -> "RoomBody":
        return cls(room.id, room.name)


class ReadyDownload(msgspec.Struct):
    recording_id: str
    download_url: str
    status: Status
    duration: int
    file_size: int
    provider: Provider

    @classmethod
    def from_domain(cls, download: Download, url: str) -> "ReadyDownload":
        recording = download.recording
        return cls(
            recording_id=recording.id,
            download_url=url,
            status=STATUS[recording.state],
            duration=recording.duration_s,
            file_size=recording.size_bytes or 0,
            provider=download.provider,
        )


class PendingDownload(msgspec.Struct):
    recording_id: str
    status: Status
    message: str

    @classmethod
    def from_domain(cls, recording: Recording) -> "PendingDownload":
        status = STATUS[recording.state]
        return cls(recording.id, status, _WAIT[status])


class ArchivedBody(msgspec.Struct):
    id: str
    status: Status
    archived_at: str | None

    @classmethod
    def from_domain(cls, recording: Recording) -> "ArchivedBody":
        return cls(recording.id, STATUS[recording.state], instant(recording.archived_at_ms))


class ProgressBody(msgspec.Struct):
    """What goes on in the background; the status is the one of now."""

    id: str
    status: Status
    message: str


class DeletedBody(msgspec.Struct):
    id: str
    deleted: Literal[True]
    deleted_at: str


def _has_file(recording: Recording) -> bool:
    return recording.state in (RecordingState.READY, RecordingState.ARCHIVED)


def duration_s(recording: Recording) -> int | None:
    return recording.duration_s if _has_file(recording) else None


def size_bytes(recording: Recording) -> int | None:
    return recording.size_bytes if _has_file(recording) else None
