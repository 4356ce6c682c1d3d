"""Read recordings."""

from collections.abc import Sequence

from rtcstack.domain.object_key import download_name
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import RecordingNotFound
from rtcstack.ports.database import Database
from rtcstack.ports.storage import Storage
from rtcstack.repositories import recordings
from rtcstack.services.egress_wait import wait_for_egress

_LIST_LIMIT = 100
_START_PATIENCE_S = 3.0


class RecordingQuery:
    def __init__(self, db: Database, storage: Storage, *, presign_ttl_s: int) -> None:
        self._db, self._storage, self._presign_ttl_s = db, storage, presign_ttl_s

    async def find_active(self, tenant_id: str, room_id: str) -> Recording | None:
        """Return what is being recorded; a start that is under way is waited for, since it may come to nothing."""
        active = await recordings.find_active(self._db, tenant_id, room_id)
        return await wait_for_egress(self._db, active, _START_PATIENCE_S) if active else None

    async def list_of_room(self, tenant_id: str, room_id: str) -> Sequence[Recording]:
        """Return the room's recordings, newest first, at most 100."""
        return await recordings.list_of_room(self._db, tenant_id, room_id, _LIST_LIMIT)

    async def get(self, tenant_id: str, recording_id: str) -> Recording:
        """Raises `RecordingNotFound` for an unknown, a deleted and another tenant's one alike."""
        recording = await recordings.find_visible(self._db, tenant_id, recording_id)
        if recording is None:
            raise RecordingNotFound(f"There is no recording {recording_id}.")
        return recording

    def download_url(self, recording: Recording) -> str | None:
        """Return a link that expires, or None while there is no object to download."""
        if recording.state is not RecordingState.READY:
            return None
        return self._storage.presign(
            recording.object_key, self._presign_ttl_s, download_name(recording.object_key)
        )
