"""Bodies of the RTCstack surface: camelCase, bare objects (seed document 004 and `spec/api.md`)."""

from typing import Annotated, Any, Literal

import msgspec

from rtcstack.domain.instant import iso_ms
from rtcstack.domain.invite import DEFAULT_TTL_S, MAX_TTL_S
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import MAX_NAME_CHARS, MAX_PARTICIPANTS_LIMIT, NAME_PATTERN, Role, Room
from rtcstack.errors import Invalid
from rtcstack.ports.livekit import Participant, Track, TrackSource
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.participant_mute import Muting

_MAX_TTL_S = 30 * 24 * 3600
_DEFAULT_TTL_S = 6 * 3600

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARS, pattern=NAME_PATTERN)]

Tiles = Annotated[int, msgspec.Meta(ge=1, le=99)]


class _Request(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    pass


class _Body(msgspec.Struct, rename="camel"):
    pass


class CreateRoomRequest(_Request):
    room_id: str | None = None
    name: Name | None = None
    max_participants: Annotated[int, msgspec.Meta(ge=1, le=MAX_PARTICIPANTS_LIMIT)] | None = None
    metadata: dict[str, Any] = {}


class RoomBody(_Body):
    room_id: str
    name: str
    max_participants: int | None
    metadata: dict[str, Any]
    created_at: str

    @classmethod
    def from_domain(cls, room: Room) -> "RoomBody":
        return cls(room.id, room.name, room.max_participants, dict(room.metadata), iso_ms(room.created_at_ms))


class TokenRequest(_Request):
    identity: Name
    name: Annotated[str, msgspec.Meta(max_length=MAX_NAME_CHARS, pattern=rf"{NAME_PATTERN}|^$")] = ""
    role: Role = "participant"
    ttl_seconds: Annotated[int, msgspec.Meta(ge=1, le=_MAX_TTL_S)] = _DEFAULT_TTL_S


class TokenBody(_Body):
    token: str
    url: str
    expires_at: str


class InviteRequest(_Request):
    role: Role = "participant"
    ttl_seconds: Annotated[int, msgspec.Meta(ge=1, le=MAX_TTL_S)] = DEFAULT_TTL_S


class InviteBody(_Body):
    url: str
    role: Role
    expires_at: str


class TrackBody(_Body):
    track_sid: str
    source: TrackSource
    muted: bool

    @classmethod
    def from_domain(cls, track: Track) -> "TrackBody":
        return cls(track.sid, track.source, track.is_muted)


class ParticipantBody(_Body):
    identity: str
    name: str
    joined_at: str
    is_publisher: bool
    tracks: list[TrackBody]

    @classmethod
    def from_domain(cls, participant: Participant) -> "ParticipantBody":
        return cls(
            participant.identity,
            participant.name,
            iso_ms(participant.joined_at_ms),
            participant.is_publisher,
            [TrackBody.from_domain(track) for track in participant.tracks],
        )


class MuteRequest(_Request):
    track_sid: str | None = None
    source: TrackSource | None = None
    muted: bool = True

    def to_domain(self) -> Muting:
        if self.track_sid is not None and self.source is not None:
            raise Invalid("one of trackSid and source is enough", field="source")
        return Muting(self.track_sid, self.source or "microphone", self.muted)


class StartRequest(_Request):
    layout: str | None = None
    preset: str | None = None
    width: Annotated[int, msgspec.Meta(ge=16, le=1920, multiple_of=2)] | None = None
    height: Annotated[int, msgspec.Meta(ge=16, le=1920, multiple_of=2)] | None = None
    framerate: Annotated[int, msgspec.Meta(ge=5, le=60)] | None = None
    video_bitrate: Annotated[int, msgspec.Meta(ge=50, le=20_000)] | None = None
    audio_only: bool = False
    max_tiles: Tiles | None = None

    def to_domain(self) -> CompositeOptions:
        return CompositeOptions(
            layout=self.layout,
            preset=self.preset,
            width=self.width,
            height=self.height,
            framerate=self.framerate,
            video_bitrate_kbps=self.video_bitrate,
            audio_only=self.audio_only,
            max_tiles=self.max_tiles,
        )


class LayoutRequest(_Request):
    layout: str
    max_tiles: Tiles | None = None


class LayoutBody(_Body):
    """`egressId` is null for a recording that waits for an Egress worker."""

    egress_id: str | None
    layout: str
    max_tiles: int | None = None

    @classmethod
    def from_domain(cls, recording: Recording) -> "LayoutBody":
        asked = recording.options
        return cls(recording.egress_id, asked["layout"], asked.get("max_tiles"))


class StartBody(_Body):
    egress_id: str
    status: Literal["starting", "active"]
    started_at: str

    @classmethod
    def from_domain(cls, recording: Recording) -> "StartBody":
        status: Literal["starting", "active"] = (
            "starting" if recording.state is RecordingState.STARTING else "active"
        )
        return cls(recording.egress_id or "", status, iso_ms(recording.started_at_ms))


class StopBody(_Body):
    egress_id: str
    status: Literal["stopping"] = "stopping"


class PauseBody(_Body):
    egress_id: str
    status: Literal["paused", "active"]

    @classmethod
    def from_domain(cls, recording: Recording) -> "PauseBody":
        is_paused = recording.state is RecordingState.PAUSED
        return cls(recording.egress_id or "", "paused" if is_paused else "active")


class StatusBody(msgspec.Struct, rename="camel", omit_defaults=True):
    """`{"active": false}`, or with the egress while one is active: what waits for a worker has none yet."""

    active: bool
    egress_id: str | None = None
    started_at: str | None = None
    paused: bool = False

    @classmethod
    def from_domain(cls, recording: Recording | None) -> "StatusBody":
        if recording is None or recording.egress_id is None:
            return cls(active=False)
        paused = recording.state is RecordingState.PAUSED
        return cls(True, recording.egress_id, iso_ms(recording.started_at_ms), paused)


class RecordingBody(_Body):
    egress_id: str | None
    recording_id: str
    file: str | None
    started_at: str
    duration: int | None
    size: int | None
    status: RecordingState
    download_url: str | None

    @classmethod
    def from_domain(cls, recording: Recording, download_url: str | None) -> "RecordingBody":
        has_file = recording.completed_at_ms is not None and recording.state is not RecordingState.FAILED
        return cls(
            egress_id=recording.egress_id,
            recording_id=recording.id,
            file=recording.object_key if has_file else None,
            started_at=iso_ms(recording.started_at_ms),
            duration=recording.duration_s if has_file else None,
            size=recording.size_bytes if has_file else None,
            status=recording.state,
            download_url=download_url,
        )
