"""The forms in which LiveKit asks for a recording (`rpc/egress.proto`), each read into one `Asked`.

The older forms are fields 5 (room composite), 6 (track composite), 7 (track) and 13 (participant); their file is in
`file_outputs` or the older `file`. Field 16 `egress` is the newer one, whose source is a template or certain media.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from livekit.protocol import egress as pb

from rtcstack.egress.dispatcher.media_source import read_media
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.dispatcher.output_forms import Wanted
from rtcstack.egress.source import WHOLE_ROOM, Audio, Source, Video
from rtcstack.errors import Invalid

_BY_ROOM: Final = "{room_name}-{time}"
_BY_PUBLISHER: Final = "{room_name}-{publisher_identity}-{time}"
_BY_TRACK: Final = "{track_id}-{time}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for, whatever its form."""

    room_name: str
    options: Any
    """The message whose `preset` or `advanced` is set."""
    outputs: Wanted
    source: Source = WHOLE_ROOM
    layout: str = ""
    has_audio: bool = True
    has_video: bool = True
    default_name: str = _BY_ROOM
    names: Mapping[str, str] = field(default_factory=dict)
    """What fills the file path's templates, beside the room's own."""


def read(request: Any) -> Asked:
    """Read a `rpc.StartEgressRequest`.

    Raises:
        NotOurs: for forms and sources of other workers.
        Invalid: for a request that contradicts itself.
    """
    form = request.WhichOneof("request")
    if form not in _READERS:
        raise NotOurs(f"{form or 'empty'} requests")
    return _READERS[form](getattr(request, form))


def _room_composite(composite: pb.RoomCompositeEgressRequest) -> Asked:
    _check_template(composite)
    if composite.audio_mixing != pb.AudioMixing.DEFAULT_MIXING:
        raise NotOurs("channels of their own for some participants (audio_mixing)")
    return Asked(
        room_name=composite.room_name,
        options=composite,
        outputs=_encoded(composite),
        layout=composite.layout,
        has_audio=not composite.video_only,
        has_video=not composite.audio_only,
    )


def _participant(participant: pb.ParticipantEgressRequest) -> Asked:
    if not participant.identity:
        raise Invalid("identity is missing")
    identity, of_screens = participant.identity, participant.screen_share
    return Asked(
        room_name=participant.room_name,
        options=participant,
        outputs=_encoded(participant),
        source=Source(
            Video(identity=identity, show="screen" if of_screens else "camera"),
            Audio(identities=(identity,), of_screens=of_screens),
        ),
        default_name=_BY_PUBLISHER,
        names={"publisher_identity": identity},
    )


def _track_composite(composite: pb.TrackCompositeEgressRequest) -> Asked:
    video, audio = composite.video_track_id, composite.audio_track_id
    if not video and not audio:
        raise Invalid("audio_track_id or video_track_id is needed")
    return Asked(
        room_name=composite.room_name,
        options=composite,
        outputs=_encoded(composite),
        source=Source(Video(track_id=video) if video else None, Audio(track_ids=(audio,)) if audio else None),
        has_audio=bool(audio),
        has_video=bool(video),
        default_name=_BY_ROOM,
    )


def _track(track: pb.TrackEgressRequest) -> Asked:
    if not track.track_id:
        raise Invalid("track_id is missing")
    return Asked(
        room_name=track.room_name,
        options=pb.RoomCompositeEgressRequest(),
        outputs=_direct(track),
        source=Source(track_id=track.track_id),
        default_name=_BY_TRACK,
        names={"track_id": track.track_id},
    )


def _start_egress(start: pb.StartEgressRequest) -> Asked:
    asked = Asked(room_name=start.room_name, options=start, outputs=_listed(start))
    match start.WhichOneof("source"):
        case "template":
            return _templated(asked, start.template)
        case "media":
            return _of_media(asked, read_media(start.media))
        case kind:
            raise NotOurs(f"{kind or 'no'} source")


def _of_media(asked: Asked, source: Source) -> Asked:
    has_audio, has_video = source.audio is not None, source.video is not None
    name, names = _named_after(source)
    recorded = replace(asked, source=source, has_audio=has_audio, has_video=has_video)
    return replace(recorded, default_name=name, names=names)


def _named_after(source: Source) -> tuple[str, Mapping[str, str]]:
    """Return the default name and what fills it: the participant who is seen, or who or which track is all that is recorded."""
    if source.video and source.video.identity:
        return _BY_PUBLISHER, {"publisher_identity": source.video.identity}
    named = (*source.identities, *source.track_ids)
    if len(named) != 1 or (source.audio and source.audio.is_everyones):
        return _BY_ROOM, {}
    if source.identities:
        return _BY_PUBLISHER, {"publisher_identity": named[0]}
    return _BY_TRACK, {"track_id": named[0]}


def _templated(asked: Asked, template: pb.TemplateSource) -> Asked:
    _check_template(template)
    has_audio, has_video = not template.video_only, not template.audio_only
    return replace(asked, layout=template.layout, has_audio=has_audio, has_video=has_video)


def _check_template(template: Any) -> None:
    if template.custom_base_url:
        raise NotOurs("templates of one's own (custom_base_url)")
    if template.audio_only and template.video_only:
        raise Invalid("audio_only and video_only exclude each other")


def _encoded(message: Any) -> Wanted:
    """Read the lists of outputs, and the older fields for a single one."""
    old = [name for name in ("file", "segments", "stream") if name in message.DESCRIPTOR.fields_by_name]
    single = {name: (getattr(message, name),) for name in old if message.HasField(name)}
    files = tuple(message.file_outputs) or single.get("file", ())
    segments = tuple(message.segment_outputs) or single.get("segments", ())
    images = tuple(message.image_outputs)
    has_streams = bool(message.stream_outputs) or "stream" in single
    return Wanted(files, segments, images, (*files, *segments, *images), has_streams)


def _direct(track: pb.TrackEgressRequest) -> Wanted:
    files = (track.file,) if track.WhichOneof("output") == "file" else ()
    return Wanted(files, uploads=files, has_streams=track.WhichOneof("output") == "websocket_url")


def _listed(start: pb.StartEgressRequest) -> Wanted:
    found: dict[str | None, list[Any]] = {"file": [], "segments": [], "images": [], "stream": []}
    for output in start.outputs:
        kind = output.WhichOneof("config")
        if kind is None:
            raise Invalid("outputs: one is empty")
        found[kind].append(getattr(output, kind))
    return Wanted(
        tuple(found["file"]),
        tuple(found["segments"]),
        tuple(found["images"]),
        tuple(output.storage if output.HasField("storage") else start.storage for output in start.outputs),
        has_streams=bool(found["stream"]),
    )


_READERS: Final[Mapping[str, Callable[[Any], Asked]]] = {
    "room_composite": _room_composite,
    "participant": _participant,
    "track_composite": _track_composite,
    "track": _track,
    "egress": _start_egress,
}
