"""One recording with all that is to be said of it (seed document 003, "Get Recording")."""

from typing import Literal

import msgspec

from rtcstack.api.library.schemas import STATUS, RoomBody, Status, duration_s, instant, size_bytes
from rtcstack.api.recovery import GapBody, gap_bodies
from rtcstack.domain.instant import iso_s
from rtcstack.domain.recording import RecordingState
from rtcstack.services.library.catalog import Details


class RecordingDetails(msgspec.Struct, omit_defaults=True):
    """Document 003, "Get Recording"; what stands below `stopped_at` is there only when there is something to say."""

    id: str
    room_id: str
    room: RoomBody
    status: Status
    duration_seconds: int | None
    size_bytes: int | None
    started_at: str
    stopped_at: str | None
    archived_at: str | None = None
    transfer: Literal["pending", "done", "failed"] | None = None
    transfer_error: str | None = None
    error_code: str | None = None
    error: str | None = None
    verified_at: str | None = None
    verify_error: str | None = None
    notes: list[str] = []
    paused: bool = False
    recovered: bool = False
    lost_seconds: float | None = None
    gaps: tuple[GapBody, ...] = ()
    upload_waits: str | None = None

    @classmethod
    def from_domain(cls, details: Details) -> "RecordingDetails":
        recording = details.recording
        has_failed = recording.state is RecordingState.FAILED
        return cls(
            id=recording.id,
            room_id=recording.room_id,
            room=RoomBody.from_domain(details.room),
            status=STATUS[recording.state],
            duration_seconds=duration_s(recording),
            size_bytes=size_bytes(recording),
            started_at=iso_s(recording.started_at_ms),
            stopped_at=instant(recording.stopped_at_ms),
            archived_at=instant(recording.archived_at_ms),
            transfer=recording.transfer.value if recording.transfer else None,
            transfer_error=details.transfer_error,
            error_code=recording.error_code if has_failed else None,
            error=recording.error if has_failed else None,
            verified_at=instant(recording.verified_at_ms),
            verify_error=recording.verify_error,
            notes=list(recording.notes),
            paused=recording.state is RecordingState.PAUSED,
            recovered=recording.recovered,
            lost_seconds=recording.lost_ms / 1000 if recording.recovered else None,
            gaps=gap_bodies(recording),
            upload_waits=recording.upload_waits,
        )
