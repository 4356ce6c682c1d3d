"""The newer request's `media` source: one picture and certain sounds, without a template."""

from livekit.protocol import egress as pb

from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.source import Audio, Source, Video
from rtcstack.errors import Invalid

_MOST_BYTES = 32_768
"""What is to be recorded goes to a recorder in one message of 64 KiB."""


def read_media(media: pb.MediaSource) -> Source:
    """Return what a `livekit.MediaSource` names.

    Raises:
        NotOurs: for sounds by the kind of participant, or on a channel of their own.
        Invalid: when it names nothing.
    """
    source = Source(_video(media), _audio(media.audio) if media.HasField("audio") else None)
    if source.is_room:
        raise Invalid("media: a video or an audio is needed")
    return source


def _video(media: pb.MediaSource) -> Video | None:
    match media.WhichOneof("video"):
        case "video_track_id":
            return Video(track_id=_named(media.video_track_id, "media.video_track_id"))
        case "participant_video":
            whose = media.participant_video
            identity = _named(whose.identity, "media.participant_video.identity")
            return Video(
                identity=identity, show="screen_or_camera" if whose.prefer_screen_share else "camera"
            )
        case _:
            return None


def _audio(audio: pb.AudioConfig) -> Audio:
    if audio.capture_all:
        if audio.routes:
            raise NotOurs("audio routes beside capture_all")
        return Audio(is_everyones=True)
    if not audio.routes:
        raise Invalid("media.audio: capture_all or routes are needed")
    size_bytes = sum(len(f"{route.track_id}{route.participant_identity}".encode()) for route in audio.routes)
    if size_bytes > _MOST_BYTES:
        raise Invalid(f"media.audio.routes: {size_bytes} bytes of names are more than {_MOST_BYTES}")
    if any(route.channel != pb.AudioChannel.AUDIO_CHANNEL_BOTH for route in audio.routes):
        raise NotOurs("audio on a channel of its own")
    if any(route.WhichOneof("match") not in {"track_id", "participant_identity"} for route in audio.routes):
        raise NotOurs("audio by the kind of participant")
    return Audio(
        track_ids=tuple(route.track_id for route in audio.routes if route.track_id),
        identities=tuple(route.participant_identity for route in audio.routes if route.participant_identity),
    )


def _named(value: str, name: str) -> str:
    if not value:
        raise Invalid(f"{name} is missing")
    return value
