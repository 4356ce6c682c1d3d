"""Find recordings by what a person knows of them, and what is shown of many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.domain.audit import AuditEntry, AuditFilter
from rtcstack.domain.recording import Recording
from rtcstack.domain.recording_list import Cursor
from rtcstack.errors import RtcError
from rtcstack.ports.database import Database
from rtcstack.repositories import audit, dashboard, storages
from rtcstack.services.storage.stores import Stores

_HISTORY = 50
_SAME = 4
"""A link stays the same for a quarter of its time, and so works for three quarters of it at least."""


@dataclass(frozen=True)
class Found:
    """`after` is where the next page begins, None if this is the last one. There may be fewer than asked for, and more to come."""

    recordings: Sequence[Recording]
    after: Cursor | None


def _cut(found: Sequence[Recording], limit: int) -> Found:
    """Return the page of what was looked for with one more."""
    shown = found[:limit]
    return Found(shown, Cursor(shown[-1].started_at_ms, shown[-1].id) if len(found) > limit else None)


class RecordingSearch:
    """A text that fewer than `few_rooms` have in their names is looked for by room; otherwise recordings are looked at in
    turn, at most `looked_at` for a page, which takes about 40 ms.
    """

    def __init__(
        self,
        db: Database,
        stores: Stores,
        clock: Clock,
        *,
        presign_ttl_s: int,
        few_rooms: int = 1000,
        looked_at: int = 15_000,
    ) -> None:
        self._db, self._stores, self._clock, self._presign_ttl_s = db, stores, clock, presign_ttl_s
        self._few_rooms, self._looked_at = few_rooms, looked_at

    async def page(self, tenant_id: str, text: str, *, cursor: Cursor | None, limit: int) -> Found:
        """Return the recording of that id or egress id; else those of the rooms whose id or name has the text in it.

        The newest come first, those after the cursor.
        """
        if found := await dashboard.list_by_id(self._db, tenant_id, text):
            return Found(found, None)
        room_ids = await dashboard.rooms_like(self._db, tenant_id, text, self._few_rooms)
        if not room_ids:
            return Found([], None)
        if len(room_ids) == self._few_rooms:
            return await self._of_many_rooms(tenant_id, text, cursor, limit)
        found = await dashboard.list_of_rooms(self._db, tenant_id, room_ids, cursor=cursor, limit=limit + 1)
        return _cut(found, limit)

    async def _of_many_rooms(self, tenant_id: str, text: str, cursor: Cursor | None, limit: int) -> Found:
        found = await dashboard.list_of_rooms_like(
            self._db, tenant_id, text, cursor=cursor, limit=limit + 1, most=self._looked_at
        )
        if len(found) > limit:
            return _cut(found, limit)
        return Found(found, await dashboard.place_after(self._db, tenant_id, cursor, self._looked_at))

    async def room_names(self, tenant_id: str, recordings: Sequence[Recording]) -> Mapping[str, str]:
        """Return what their rooms are called, by the room's id."""
        return await dashboard.room_names(self._db, tenant_id, list({one.room_id for one in recordings}))

    async def posters(self, recordings: Sequence[Recording]) -> Mapping[str, str]:
        """Return links that expire, by recording id; those without a poster that can be read are left out.

        They stay the same for a while, so that a browser that shows them again does not load them again.
        """
        by_id = {recording.id: recording for recording in recordings}
        links = {}
        for recording_id, key in (await dashboard.poster_keys(self._db, list(by_id))).items():
            link = await self._link(by_id[recording_id].storage_id, key)
            if link is not None:
                links[recording_id] = link
        return links

    async def sites(self, tenant_id: str) -> Sequence[str]:
        """Return a link into each store that the tenant's recordings lie in: a page may come to show what lies there."""
        buckets: list[str | None] = [None, *await storages.list_ids_in_use(self._db, tenant_id)]
        links = [await self._link(storage_id, "poster.jpg") for storage_id in buckets]
        return [link for link in links if link is not None]

    async def _link(self, storage_id: str | None, key: str) -> str | None:
        try:
            await self._stores.check_readable(storage_id)
            store = await self._stores.of(storage_id)
        except RtcError:
            return None
        now_s, step_s = self._clock.now_ms() // 1000, max(1, self._presign_ttl_s // _SAME)
        name = key.rpartition("/")[2]
        return store.presign(key, self._presign_ttl_s, name, from_s=now_s - now_s % step_s)

    async def history(self, recording: Recording) -> Sequence[AuditEntry]:
        """Return what was done to the recording, the newest first, at most 50 entries."""
        which = AuditFilter(tenant_id=recording.tenant_id, object_id=recording.id)
        return await audit.page(self._db, which, before=None, limit=_HISTORY)
