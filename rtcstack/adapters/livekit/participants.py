"""LiveKit's participants as the services see them."""

from collections.abc import Mapping

from livekit.protocol.models import ParticipantInfo
from livekit.protocol.models import TrackSource as LiveKitSource

from rtcstack.ports.livekit import Participant, Track, TrackSource

_NOT_SHOWN = (ParticipantInfo.Kind.EGRESS, ParticipantInfo.Kind.AGENT)
_SOURCES: Mapping[int, TrackSource] = {
    LiveKitSource.CAMERA: "camera",
    LiveKitSource.MICROPHONE: "microphone",
    LiveKitSource.SCREEN_SHARE: "screen_share",
    LiveKitSource.SCREEN_SHARE_AUDIO: "screen_share_audio",
}


def is_shown(info: ParticipantInfo) -> bool:
    """Return whether it is somebody, and not what records them."""
    return info.kind not in _NOT_SHOWN


def participant(info: ParticipantInfo) -> Participant:
    """LiveKit keeps tracks in a map of Go, and names them in another order each time."""
    tracks = sorted(info.tracks, key=lambda track: track.sid)
    return Participant(
        identity=info.identity,
        name=info.name or info.identity,
        joined_at_ms=info.joined_at_ms or info.joined_at * 1000,
        is_publisher=info.is_publisher,
        tracks=tuple(Track(t.sid, _SOURCES.get(t.source, "unknown"), t.muted) for t in tracks),
    )
