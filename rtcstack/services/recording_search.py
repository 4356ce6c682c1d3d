"""Find recordings by what a person knows of them, and what is shown of many at once."""

from collections.abc import Mapping, Sequence

from rtcstack.domain.audit import AuditEntry, AuditFilter
from rtcstack.domain.recording import Recording
from rtcstack.errors import RtcError
from rtcstack.ports.database import Database
from rtcstack.repositories import audit, dashboard
from rtcstack.services.storage.stores import Stores

MOST = 36
_ROOMS = 50
_HISTORY = 50


class RecordingSearch:
    def __init__(self, db: Database, stores: Stores, *, presign_ttl_s: int) -> None:
        self._db, self._stores, self._presign_ttl_s = db, stores, presign_ttl_s

    async def find(self, tenant_id: str, text: str) -> Sequence[Recording]:
        """Return the recording of that id or egress id; else the newest 36 of the rooms whose id or name has the text in it."""
        if found := await dashboard.list_by_id(self._db, tenant_id, text):
            return found
        room_ids = await dashboard.rooms_like(self._db, tenant_id, text, _ROOMS)
        return await dashboard.list_of_rooms(self._db, tenant_id, room_ids, MOST) if room_ids else []

    async def posters(self, recordings: Sequence[Recording]) -> Mapping[str, str]:
        """Return links that expire, by recording id; those without a poster that can be read are left out."""
        by_id = {recording.id: recording for recording in recordings}
        links = {}
        for recording_id, key in (await dashboard.poster_keys(self._db, list(by_id))).items():
            link = await self._link(by_id[recording_id], key)
            if link is not None:
                links[recording_id] = link
        return links

    async def _link(self, recording: Recording, key: str) -> str | None:
        try:
            await self._stores.check_readable(recording.storage_id)
            store = await self._stores.of(recording.storage_id)
        except RtcError:
            return None
        return store.presign(key, self._presign_ttl_s, key.rpartition("/")[2])

    async def history(self, recording: Recording) -> Sequence[AuditEntry]:
        """Return what was done to the recording, the newest first, at most 50 entries."""
        which = AuditFilter(tenant_id=recording.tenant_id, object_id=recording.id)
        return await audit.page(self._db, which, before=None, limit=_HISTORY)
