from rtcstack.client.call import Call
from rtcstack.client.models.clips import Clip, ClipDetails, Previews
from rtcstack.client.models.words import ClipMode
from rtcstack.client.request import Request
from rtcstack.client.session import Session

_RECORDING = "/v1/recordings/{recording_id}"


class ClipCalls:
    """Pieces of recordings, posters and storyboards (docs/api/clips.md)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(
        self,
        recording_id: str,
        label: str,
        start_seconds: float,
        end_seconds: float,
        *,
        mode: ClipMode | None = None,
    ) -> Call[Clip]:
        body = {"label": label, "start_seconds": start_seconds, "end_seconds": end_seconds, "mode": mode}
        operation = f"POST {_RECORDING}/clips"
        return Call(self._session, Request(operation, Clip, {"recording_id": recording_id}, body=body))

    def list(self, recording_id: str) -> Call["list[Clip]"]:
        """List a recording's clips, newest first, at most 1000."""
        return Call(
            self._session, Request(f"GET {_RECORDING}/clips", list[Clip], {"recording_id": recording_id})
        )

    def get(self, clip_id: str) -> Call[ClipDetails]:
        return Call(self._session, Request("GET /v1/clips/{clip_id}", ClipDetails, {"clip_id": clip_id}))

    def delete(self, clip_id: str) -> Call[None]:
        return Call(self._session, Request("DELETE /v1/clips/{clip_id}", type(None), {"clip_id": clip_id}))

    def previews(self, recording_id: str) -> Call[Previews]:
        """Show the recording's poster and storyboard; 404 `previews_not_found` until they are made."""
        return Call(
            self._session, Request(f"GET {_RECORDING}/previews", Previews, {"recording_id": recording_id})
        )

    def storyboard(self, recording_id: str) -> Call[str]:
        """Return the storyboard as WebVTT."""
        return Call(
            self._session, Request(f"GET {_RECORDING}/storyboard.vtt", str, {"recording_id": recording_id})
        )
