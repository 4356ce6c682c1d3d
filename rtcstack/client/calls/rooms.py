from collections.abc import Mapping
from typing import Any

from rtcstack.client.call import Call
from rtcstack.client.models.rooms import (
    ChangedLayout,
    Invite,
    JoinToken,
    Participant,
    PausedRoomRecording,
    Room,
    RoomRecording,
    RoomRecordingStatus,
    StartedRoomRecording,
    StoppedRoomRecording,
)
from rtcstack.client.models.words import Role, TrackSource
from rtcstack.client.request import Request
from rtcstack.client.session import Session

_ROOM = "/v1/rooms/{room_id}"
_Rooms = list[Room]
_Participants = list[Participant]
_Recordings = list[RoomRecording]


class RoomCalls:
    """Rooms, join tokens, participants, and the recording of a room (docs/api/rooms.md)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(
        self,
        room_id: str | None = None,
        *,
        name: str | None = None,
        max_participants: int | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Call[Room]:
        body = {"roomId": room_id, "name": name, "maxParticipants": max_participants, "metadata": metadata}
        return Call(self._session, Request("POST /v1/rooms", Room, body=body))

    def list(self) -> Call[_Rooms]:
        """List the open rooms, newest first, at most 100."""
        return Call(self._session, Request("GET /v1/rooms", _Rooms))

    def get(self, room_id: str) -> Call[Room]:
        return Call(self._session, Request(f"GET {_ROOM}", Room, {"room_id": room_id}))

    def close(self, room_id: str) -> Call[None]:
        """Close it: its recording is stopped, everybody is disconnected."""
        return Call(self._session, Request(f"DELETE {_ROOM}", type(None), {"room_id": room_id}))

    def token(
        self,
        room_id: str,
        identity: str,
        *,
        name: str | None = None,
        role: Role | None = None,
        ttl_seconds: int | None = None,
    ) -> Call[JoinToken]:
        """Make a join token; the room need not be there yet, and may be a hall."""
        body = {"identity": identity, "name": name, "role": role, "ttlSeconds": ttl_seconds}
        return Call(
            self._session, Request(f"POST {_ROOM}/tokens", JoinToken, {"room_id": room_id}, body=body)
        )

    def invite(
        self, room_id: str, *, role: Role | None = None, ttl_seconds: int | None = None
    ) -> Call[Invite]:
        """Make a link to the join page (docs/join.md)."""
        operation, body = f"POST {_ROOM}/invites", {"role": role, "ttlSeconds": ttl_seconds}
        return Call(self._session, Request(operation, Invite, {"room_id": room_id}, body=body))

    def participants(self, room_id: str) -> Call[_Participants]:
        operation = f"GET {_ROOM}/participants"
        return Call(self._session, Request(operation, _Participants, {"room_id": room_id}))

    def remove_participant(self, room_id: str, identity: str) -> Call[None]:
        path = {"room_id": room_id, "identity": identity}
        return Call(self._session, Request(f"DELETE {_ROOM}/participants/{{identity}}", type(None), path))

    def mute(
        self,
        room_id: str,
        identity: str,
        *,
        track_sid: str | None = None,
        source: TrackSource | None = None,
        muted: bool | None = None,
    ) -> Call[Participant]:
        """Mute their microphones, or all tracks of another source, or one track; they may unmute themselves."""
        path, body = (
            {"room_id": room_id, "identity": identity},
            {"trackSid": track_sid, "source": source, "muted": muted},
        )
        operation = f"POST {_ROOM}/participants/{{identity}}/mute"
        return Call(self._session, Request(operation, Participant, path, body=body))

    def start_recording(
        self,
        room_id: str,
        *,
        layout: str | None = None,
        preset: str | None = None,
        width: int | None = None,
        height: int | None = None,
        framerate: int | None = None,
        video_bitrate: int | None = None,
        audio_only: bool | None = None,
        max_tiles: int | None = None,
    ) -> Call[StartedRoomRecording]:
        """Begin to record, or show the recording that runs. `video_bitrate` is in kbit/s."""
        body = {
            "layout": layout,
            "preset": preset,
            "width": width,
            "height": height,
            "framerate": framerate,
            "videoBitrate": video_bitrate,
            "audioOnly": audio_only,
            "maxTiles": max_tiles,
        }
        operation = f"POST {_ROOM}/recording/start"
        return Call(self._session, Request(operation, StartedRoomRecording, {"room_id": room_id}, body=body))

    def stop_recording(self, room_id: str) -> Call[StoppedRoomRecording]:
        operation = f"POST {_ROOM}/recording/stop"
        return Call(self._session, Request(operation, StoppedRoomRecording, {"room_id": room_id}))

    def pause_recording(self, room_id: str) -> Call[PausedRoomRecording]:
        operation = f"POST {_ROOM}/recording/pause"
        return Call(self._session, Request(operation, PausedRoomRecording, {"room_id": room_id}))

    def resume_recording(self, room_id: str) -> Call[PausedRoomRecording]:
        operation = f"POST {_ROOM}/recording/resume"
        return Call(self._session, Request(operation, PausedRoomRecording, {"room_id": room_id}))

    def change_layout(
        self, room_id: str, layout: str, *, max_tiles: int | None = None
    ) -> Call[ChangedLayout]:
        operation, body = f"POST {_ROOM}/recording/layout", {"layout": layout, "maxTiles": max_tiles}
        return Call(self._session, Request(operation, ChangedLayout, {"room_id": room_id}, body=body))

    def recording_status(self, room_id: str) -> Call[RoomRecordingStatus]:
        return Call(
            self._session, Request(f"GET {_ROOM}/recording", RoomRecordingStatus, {"room_id": room_id})
        )

    def recordings(self, room_id: str) -> Call[_Recordings]:
        """List the room's recordings, newest first, at most 100."""
        operation = f"GET {_ROOM}/recordings"
        return Call(self._session, Request(operation, _Recordings, {"room_id": room_id}))
