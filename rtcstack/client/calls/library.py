from typing import TypeVar

from rtcstack.client.call import Call, Pages
from rtcstack.client.models.library import (
    ArchivedRecording,
    DeletedRecording,
    Download,
    ListedRecording,
    Recording,
    RecordingProgress,
    RecordingsPage,
    StartedRecording,
    StoppedRecording,
    Synced,
)
from rtcstack.client.models.words import LibraryStatus
from rtcstack.client.request import Request
from rtcstack.client.session import Session

T = TypeVar("T")
_RECORDING = "/api/v1/recordings/{recording_id}"
_ROOM = "/api/v1/rooms/{room_id}/recordings"


class LibraryCalls:
    """All recordings of the tenant (docs/api/library.md)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        cursor: str | None = None,
        room_id: str | None = None,
        status: LibraryStatus | None = None,
    ) -> Pages[RecordingsPage, ListedRecording]:
        """List recordings, newest first, `limit` at a time; `page()` has the total in its `meta`."""
        query = {"limit": limit, "offset": offset, "cursor": cursor, "room_id": room_id, "status": status}
        request = Request("GET /api/v1/recordings", RecordingsPage, query=query)
        return Pages(
            self._session,
            request,
            lambda page: {"cursor": page.meta.next_cursor, "offset": None} if page.meta.next_cursor else None,
        )

    def get(self, recording_id: str) -> Call[Recording]:
        return self._call(f"GET {_RECORDING}", Recording, recording_id)

    def download(self, recording_id: str) -> Call[Download]:
        """Make a link that expires."""
        request = Request(f"GET {_RECORDING}/download", Download, {"recording_id": recording_id})
        return Call(self._session, request)

    def archive(self, recording_id: str) -> Call[ArchivedRecording]:
        return self._call(f"POST {_RECORDING}/archive", ArchivedRecording, recording_id)

    def restore(self, recording_id: str) -> Call[RecordingProgress]:
        return self._call(f"POST {_RECORDING}/restore", RecordingProgress, recording_id)

    def recover(self, recording_id: str) -> Call[RecordingProgress]:
        return self._call(f"POST {_RECORDING}/recover", RecordingProgress, recording_id)

    def retry(self, recording_id: str) -> Call[RecordingProgress]:
        return self._call(f"POST {_RECORDING}/retry", RecordingProgress, recording_id)

    def delete(self, recording_id: str) -> Call[DeletedRecording]:
        return self._call(f"DELETE {_RECORDING}", DeletedRecording, recording_id)

    def start(self, room_id: str) -> Call[StartedRecording]:
        """Begin to record; 409 `recording_already_active` if the room is being recorded."""
        request = Request(f"POST {_ROOM}/start", StartedRecording, {"room_id": room_id}, in_envelope=True)
        return Call(self._session, request)

    def stop(self, room_id: str) -> Call[StoppedRecording]:
        request = Request(f"POST {_ROOM}/stop", StoppedRecording, {"room_id": room_id}, in_envelope=True)
        return Call(self._session, request)

    def sync(self, room_id: str) -> Call[Synced]:
        """Import what others recorded of the room."""
        request = Request(f"POST {_ROOM}/sync", Synced, {"room_id": room_id}, in_envelope=True)
        return Call(self._session, request)

    def _call(self, operation: str, kind: type[T], recording_id: str) -> Call[T]:
        return Call(self._session, Request(operation, kind, {"recording_id": recording_id}, in_envelope=True))
