"""Find recordings by what a person knows of them, and what is shown of many at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rtcstack.domain.audit import Action, AuditEntry
from rtcstack.domain.clip import Clip
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.recording import Recording
from rtcstack.domain.recording_list import Cursor
from rtcstack.ports.database import Database
from rtcstack.repositories import audit, dashboard, storages
from rtcstack.repositories.dashboard import RoomName

_HISTORY = 50


@dataclass(frozen=True)
class Found:
    """`after` is where the next page begins, None if this is the last one. There may be fewer than asked for, and more to come."""

    recordings: Sequence[Recording]
    after: Cursor | None


@dataclass(frozen=True)
class History:
    """What was done to a recording, the newest first. Links to its file are counted: each look at its page takes one."""

    entries: Sequence[AuditEntry]
    links: int
    linked_at_ms: int | None


def _cut(found: Sequence[Recording], limit: int) -> Found:
    """Return the page of what was looked for with one more."""
    shown = found[:limit]
    return Found(shown, Cursor(shown[-1].started_at_ms, shown[-1].id) if len(found) > limit else None)


class RecordingSearch:
    """A text that fewer than `few_rooms` have in their names is looked for by room; otherwise recordings are looked at in
    turn, at most `looked_at` for a page, which takes about 40 ms.
    """

    def __init__(self, db: Database, *, few_rooms: int = 1000, looked_at: int = 15_000) -> None:
        self._db, self._few_rooms, self._looked_at = db, few_rooms, looked_at

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

    async def rooms_of(self, tenant_id: str, clips: Sequence[Clip]) -> Mapping[str, RoomName]:
        """Return of which room each clip is, by the id of its recording."""
        return await dashboard.rooms_of(self._db, tenant_id, list({clip.recording_id for clip in clips}))

    async def room_of(self, clip: Clip) -> RoomName:
        return (await self.rooms_of(clip.tenant_id, [clip]))[clip.recording_id]

    async def there(self, tenant_id: str, ids: Collection[str]) -> frozenset[str]:
        """Return those that can be looked at still: rooms, and recordings, clips and endpoints that are not deleted."""
        return await dashboard.there(self._db, tenant_id, sorted(ids)) if ids else frozenset()

    async def bucket(self, recording: Recording) -> OwnBucket | None:
        """Return the tenant's own bucket that the recording lies in, None for the appliance's."""
        return await storages.find(self._db, recording.storage_id) if recording.storage_id else None

    async def history(self, recording: Recording) -> History:
        """Return at most 50 entries."""
        tenant_id, link = recording.tenant_id, Action.RECORDING_LINK
        entries = await audit.history(self._db, tenant_id, recording.id, except_action=link, limit=_HISTORY)
        return History(entries, *await audit.count(self._db, tenant_id, recording.id, link))
