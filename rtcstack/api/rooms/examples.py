"""One example of each body, for the OpenAPI document."""

from rtcstack.api.rooms.schemas import (
    CreateRoomRequest,
    InviteBody,
    InviteRequest,
    LayoutBody,
    LayoutRequest,
    MuteRequest,
    ParticipantBody,
    PauseBody,
    RecordingBody,
    RoomBody,
    StartBody,
    StartRequest,
    StatusBody,
    StopBody,
    TokenBody,
    TokenRequest,
    TrackBody,
)
from rtcstack.domain.recording import RecordingState

_AT = "2024-04-21T10:00:00.000Z"
EXAMPLES = (
    CreateRoomRequest(room_id="room-abc", name="Standup", metadata={"customer": "c-7"}),
    RoomBody("room-abc", "Standup", max_participants=None, metadata={"customer": "c-7"}, created_at=_AT),
    TokenRequest(identity="ada", name="Ada", role="host"),
    TokenBody("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "ws://localhost:7880", "2024-04-21T16:00:00.000Z"),
    InviteRequest(role="participant", ttl_seconds=86_400),
    InviteBody(
        "http://localhost:8080/join/~WyJkZWZhdWx0Iiwicm9vbS1hYmMiXQ.c2lnbmF0dXJl",
        "participant",
        "2024-04-28T10:00:00.000Z",
    ),
    TrackBody("TR_AMVb3xFbhzrPLa", "microphone", muted=True),
    ParticipantBody(
        "ada",
        "Ada",
        _AT,
        is_publisher=True,
        tracks=[TrackBody("TR_AMVb3xFbhzrPLa", "microphone", muted=True)],
    ),
    MuteRequest(source="microphone"),
    StartRequest(layout="grid", width=1280, height=720, framerate=30, video_bitrate=3000),
    StartBody("EG_abc123", "starting", _AT),
    StopBody("EG_abc123"),
    PauseBody("EG_abc123", "paused"),
    LayoutRequest(layout="speaker-dark"),
    LayoutBody("EG_abc123", "speaker-dark"),
    StatusBody(active=True, egress_id="EG_abc123", started_at=_AT),
    RecordingBody(
        egress_id="EG_abc123",
        recording_id="rec_01j9x2kp3n8fxrqk4m2b",
        file="room-abc/2024-04-21T10-00-00.mp4",
        started_at=_AT,
        duration=3600,
        size=512_000_000,
        status=RecordingState.READY,
        download_url="http://localhost:9000/rtcstack-recordings/room-abc/2024-04-21T10-00-00.mp4?X-Amz-Signature=…",
    ),
)
