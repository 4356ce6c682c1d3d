"""Read recordings."""

from collections.abc import Sequence

from rtcstack import log
from rtcstack.domain.audit import Action
from rtcstack.domain.object_key import download_name
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import RecordingNotFound, RtcError
from rtcstack.ports.database import Database
from rtcstack.repositories import recordings
from rtcstack.services.audit import LinkLog
from rtcstack.services.egress_wait import wait_for_egress
from rtcstack.services.preflight import Preflight
from rtcstack.services.storage.stores import Stores

_log = log.get(__name__)
_LIST_LIMIT = 100
_START_PATIENCE_S = 3.0


class RecordingQuery:
    def __init__(
        self,
        db: Database,
        stores: Stores,
        preflight: Preflight,
        link_log: LinkLog,
        *,
        presign_ttl_s: int,
    ) -> None:
        self._db, self._stores, self._presign_ttl_s = db, stores, presign_ttl_s
        self._preflight, self._link_log = preflight, link_log

    async def find_active(self, tenant_id: str, room_id: str) -> Recording | None:
        """Return what is being recorded; a start that is under way is waited for, since it may come to nothing.

        A full disk has ended every recording, though the database may not be able to take that in.
        """
        if self._preflight.has_ended_recordings():
            return None
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

    async def download_url(
        self, recording: Recording, *, attachment: bool = False, renews_since_ms: int | None = None
    ) -> str | None:
        """Return a link that expires, and tell the audit log; or None while there is no object to download.

        As an `attachment` a browser saves the file instead of playing it. One that renews another of the caller's, handed out
        since that instant, is not told of again.

        Raises:
            Conflict: `storage_read_forbidden`, the key of the tenant's bucket may only put.
        """
        url = await self._presigned(recording, attachment=attachment)
        if url is not None:
            await self._link_log.note(
                Action.RECORDING_LINK,
                recording.tenant_id,
                recording.id,
                unless_since_ms=renews_since_ms,
                room_id=recording.room_id,
            )
        return url

    async def _presigned(self, recording: Recording, *, attachment: bool = False) -> str | None:
        if recording.state is not RecordingState.READY:
            return None
        await self._stores.check_readable(recording.storage_id)
        storage = await self._stores.of(recording.storage_id)
        name = download_name(recording.object_key)
        return storage.presign(recording.object_key, self._presign_ttl_s, name, attachment=attachment)

    async def download_urls(
        self, tenant_id: str, room_id: str, found: Sequence[Recording]
    ) -> list[str | None]:
        """Do the same for a list of a room's recordings, with one entry in the audit log; a link is None also for a recording
        whose store this server may not read now.
        """
        urls = [await self._find_presigned(recording) for recording in found]
        if linked := [recording.id for recording, url in zip(found, urls, strict=True) if url]:
            await self._link_log.note(Action.RECORDING_LINK, tenant_id, room_id, recordings=linked)
        return urls

    async def _find_presigned(self, recording: Recording) -> str | None:
        try:
            return await self._presigned(recording)
        except RtcError as e:
            _log.info("no link to a recording", recording_id=recording.id, error=e.message)
            return None
