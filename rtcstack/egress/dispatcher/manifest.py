"""The manifest beside an egress's files: what they are of, in the words of LiveKit's Egress (`pkg/config/manifest.go`)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from rtcstack.egress.dispatcher.journal import Stored
from rtcstack.egress.dispatcher.playlists import Listed
from rtcstack.egress.spool import Order


class _Item(msgspec.Struct, omit_defaults=True):
    filename: str = ""
    location: str = ""
    timestamp: str = ""


class _Playlist(msgspec.Struct, omit_defaults=True):
    location: str = ""
    segments: list[_Item] = []


class _Manifest(msgspec.Struct, omit_defaults=True):
    egress_id: str
    room_id: str
    room_name: str
    started_at: int = 0
    """Unix nanoseconds, `ended_at` too."""
    ended_at: int = 0
    publisher_identity: str = ""
    track_id: str = ""
    track_kind: str = ""
    track_source: str = ""
    audio_track_id: str = ""
    video_track_id: str = ""
    files: list[_Item] = []
    playlists: list[_Playlist] = []
    images: list[_Item] = []


def manifest(
    order: Order,
    stored: Stored,
    segments: Sequence[Listed],
    images: Sequence[tuple[str, int]],
    location: Callable[[str], str],
) -> bytes:
    """Return the manifest as JSON; `images` are keys and wall times, `location` makes a URL of a key."""
    source, track = order.source, order.track
    made = _Manifest(
        egress_id=order.egress_id,
        room_id=order.room_id,
        room_name=order.room_name,
        started_at=stored.started_ns,
        ended_at=stored.ended_ns,
        publisher_identity=track.get("publisher_identity", "")
        or (source.video.identity if source.video else ""),
        track_id=source.track_id,
        track_kind=track.get("track_type", "") if source.track_id else "",
        track_source=track.get("track_source", "") if source.track_id else "",
        audio_track_id=next(iter(source.audio.track_ids), "") if source.audio else "",
        video_track_id=source.video.track_id if source.video else "",
        images=[_Item(key, location(key), _instant(wall_ns)) for key, wall_ns in images],
    )
    if order.object_key:
        made.files = [_Item(order.object_key, stored.location)]
    if (output := order.outputs.segments) is not None:
        names = [output.folder + segment.name for segment in segments]
        made.playlists = [
            _Playlist(location(output.playlist_key), [_Item(name, location(name)) for name in names])
        ]
    return msgspec.json.format(msgspec.json.encode(made), indent=2)


def _instant(wall_ns: int) -> str:
    return datetime.fromtimestamp(wall_ns / 1e9, tz=UTC).isoformat(timespec="milliseconds") if wall_ns else ""
