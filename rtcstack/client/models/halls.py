"""Halls and their recordings (`/v1/halls`, `/v1/recordings`)."""

from datetime import datetime
from typing import Any

import msgspec

from rtcstack.client.models.words import HallRecordingStatus, HallStatus, ModerationAction


class CreatedHall(msgspec.Struct, frozen=True):
    """`join_token` is a host's."""

    hall_id: str
    join_token: str
    created_at: datetime


class Hall(msgspec.Struct, frozen=True):
    hall_id: str
    name: str
    status: HallStatus
    max_participants: int
    record: bool
    moderation: bool
    participant_count: int
    metadata: dict[str, Any]
    created_at: datetime
    closed_at: datetime | None


class HallRecording(msgspec.Struct, frozen=True):
    """A recording as halls, and most webhooks, show it; `hall_id` is the room's id."""

    recording_id: str
    hall_id: str
    status: HallRecordingStatus
    duration_seconds: int | None
    file_size_bytes: int | None
    bucket_path: str | None
    created_at: datetime
    completed_at: datetime | None


class Gap(msgspec.Struct, frozen=True):
    """A place in the file, and how much is missing there since a recorder died."""

    at_seconds: float
    lost_seconds: float


class HallRecordingDetails(HallRecording, frozen=True):
    paused: bool = False
    recovered: bool = False
    lost_seconds: float | None = None
    gaps: list[Gap] = []
    upload_waits: str | None = None


class ModerationFinding(msgspec.Struct, frozen=True):
    """`likelihood` is from 0 to 1; `position_seconds` counts in the recording, if there is one."""

    hall_id: str
    recording_id: str | None
    at: datetime
    position_seconds: float | None
    category: str
    likelihood: float
    provider: str
    action: ModerationAction
