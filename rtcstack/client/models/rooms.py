"""Rooms and their recording (`/v1/rooms`)."""

from datetime import datetime
from typing import Any

import msgspec

from rtcstack.client.models.words import PausedStatus, RecordingState, Role, StartedStatus, TrackSource


class _Camel(msgspec.Struct, frozen=True, rename="camel"):
    pass


class Room(_Camel, frozen=True):
    """`max_participants` is what holds after the plan's cap; None where there is no cap."""

    room_id: str
    name: str
    max_participants: int | None
    metadata: dict[str, Any]
    created_at: datetime


class JoinToken(_Camel, frozen=True):
    """What a LiveKit client needs: connect to `url` with `token` until `expires_at`."""

    token: str
    url: str
    expires_at: datetime


class Invite(_Camel, frozen=True):
    """Whoever opens `url` in a browser before `expires_at` may join in that role."""

    url: str
    role: Role
    expires_at: datetime


class Track(_Camel, frozen=True):
    """What somebody publishes; a muted one is neither heard nor seen."""

    track_sid: str
    source: TrackSource
    muted: bool


class Participant(_Camel, frozen=True):
    identity: str
    name: str
    joined_at: datetime
    is_publisher: bool
    tracks: list[Track]


class StartedRoomRecording(_Camel, frozen=True):
    """`active` says that it was running before."""

    egress_id: str
    status: StartedStatus
    started_at: datetime


class StoppedRoomRecording(_Camel, frozen=True):
    egress_id: str
    status: str = "stopping"


class PausedRoomRecording(_Camel, frozen=True):
    egress_id: str
    status: PausedStatus


class ChangedLayout(_Camel, frozen=True):
    """`egress_id` is None while the recording waits for an Egress worker."""

    egress_id: str | None
    layout: str
    max_tiles: int | None = None


class RoomRecordingStatus(_Camel, frozen=True):
    active: bool
    egress_id: str | None = None
    started_at: datetime | None = None
    paused: bool = False


class RoomRecording(_Camel, frozen=True):
    """`duration` is in seconds, `size` in bytes, `file` the object's key; None until the recording is ready."""

    egress_id: str | None
    recording_id: str
    file: str | None
    started_at: datetime
    duration: int | None
    size: int | None
    status: RecordingState
    download_url: str | None
