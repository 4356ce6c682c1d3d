from collections.abc import Mapping
from typing import Any

from rtcstack.client.call import Call
from rtcstack.client.models.halls import (
    CreatedHall,
    Hall,
    HallRecording,
    HallRecordingDetails,
    ModerationFinding,
)
from rtcstack.client.models.words import HallStatus, ModerationAction
from rtcstack.client.request import Request
from rtcstack.client.session import Session

_HALL = "/v1/halls/{hall_id}"
_Halls = list[Hall]
_Recordings = list[HallRecording]
_Findings = list[ModerationFinding]


class HallCalls:
    """Halls and their recordings (docs/api/halls.md)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(
        self,
        name: str,
        *,
        max_participants: int | None = None,
        record: bool | None = None,
        moderation: bool | None = None,
        moderation_action: ModerationAction | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Call[CreatedHall]:
        body = {
            "name": name,
            "max_participants": max_participants,
            "record": record,
            "moderation": moderation,
            "moderation_action": moderation_action,
            "metadata": metadata,
        }
        return Call(self._session, Request("POST /v1/halls", CreatedHall, body=body))

    def list(self, *, status: HallStatus | None = None) -> Call[_Halls]:
        """List halls, newest first, at most 100."""
        return Call(self._session, Request("GET /v1/halls", _Halls, query={"status": status}))

    def get(self, hall_id: str) -> Call[Hall]:
        return Call(self._session, Request(f"GET {_HALL}", Hall, {"hall_id": hall_id}))

    def close(self, hall_id: str) -> Call[None]:
        return Call(self._session, Request(f"DELETE {_HALL}", type(None), {"hall_id": hall_id}))

    def recordings(self, hall_id: str) -> Call[_Recordings]:
        operation = f"GET {_HALL}/recordings"
        return Call(self._session, Request(operation, _Recordings, {"hall_id": hall_id}))

    def recording(self, recording_id: str) -> Call[HallRecordingDetails]:
        """Show a recording, wherever it was started, in the words of halls."""
        operation = "GET /v1/recordings/{recording_id}"
        return Call(self._session, Request(operation, HallRecordingDetails, {"recording_id": recording_id}))

    def moderation(self, hall_id: str) -> Call[_Findings]:
        operation = f"GET {_HALL}/moderation"
        return Call(self._session, Request(operation, _Findings, {"hall_id": hall_id}))
