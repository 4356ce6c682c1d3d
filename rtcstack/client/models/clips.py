"""Clips, posters and storyboards (`/v1/recordings/{recording_id}/clips`, `/v1/clips`)."""

from datetime import datetime

import msgspec

from rtcstack.client.models.words import ClipStatus


class Clip(msgspec.Struct, frozen=True):
    clip_id: str
    recording_id: str
    label: str
    start_seconds: float
    end_seconds: float
    status: ClipStatus
    bucket_path: str | None
    created_at: datetime
    completed_at: datetime | None


class ClipDetails(Clip, frozen=True, kw_only=True):
    """`progress` is from 0 to 1; `download_url` is None until the clip is complete."""

    progress: float
    download_url: str | None
    error_code: str | None = None
    error: str | None = None


class Storyboard(msgspec.Struct, frozen=True):
    """`vtt_url` is a path of the API."""

    vtt_url: str
    interval_seconds: float
    tile_width: int
    tile_height: int


class Previews(msgspec.Struct, frozen=True):
    poster_url: str
    storyboard: Storyboard
