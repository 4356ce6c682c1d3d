"""Find recordings by what a person knows of them, and what is shown of many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rtcstack.domain.audit import AuditEntry, AuditFilter
from rtcstack.domain.recording import Recording
from rtcstack.domain.recording_list import Cursor
from rtcstack.ports.database import Database
from rtcstack.repositories import audit, dashboard

_HISTORY = 50


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

    async def history(self, recording: Recording) -> Sequence[AuditEntry]:
        """Return what was done to the recording, the newest first, at most 50 entries."""
        which = AuditFilter(tenant_id=recording.tenant_id, object_id=recording.id)
        return await audit.page(self._db, which, before=None, limit=_HISTORY)
