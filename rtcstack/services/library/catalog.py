"""A tenant's recordings, page by page, and the way to their files."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.domain.provider import Provider
from rtcstack.domain.recording import Recording, RecordingState, Transfer
from rtcstack.domain.recording_list import Cursor, RecordingFilter
from rtcstack.domain.room import Room
from rtcstack.errors import Conflict
from rtcstack.ports.database import Database
from rtcstack.repositories import jobs, library, rooms
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.storage.stores import Stores

MAX_LIMIT = 100


@dataclass(frozen=True)
class Page:
    """`limit` is what was applied; `after` is the place where the next page begins, None if this is the last one."""

    recordings: Sequence[Recording]
    total: int
    limit: int
    after: Cursor | None


@dataclass(frozen=True)
class Details:
    recording: Recording
    room: Room
    transfer_error: str | None


@dataclass(frozen=True)
class Download:
    """`url` is a link that expires, None while there is no file yet."""

    recording: Recording
    url: str | None
    provider: Provider


class Catalog:
    def __init__(self, db: Database, query: RecordingQuery, stores: Stores) -> None:
        self._db, self._query, self._stores = db, query, stores

    async def page(
        self,
        tenant_id: str,
        which: RecordingFilter,
        *,
        limit: int,
        offset: int = 0,
        cursor: Cursor | None = None,
    ) -> Page:
        """Return a page, newest first: of at most 100, after `offset` recordings or after a cursor's place.

        The total is of all that the filter lets through, exact.
        """
        limit = min(limit, MAX_LIMIT)
        total = await library.count(self._db, tenant_id, which)
        if cursor is None:
            found = await library.list_page(self._db, tenant_id, which, limit=limit + 1, offset=offset)
        else:
            found = await library.list_after(self._db, tenant_id, which, limit=limit + 1, cursor=cursor)
        shown = found[:limit]
        has_more = len(found) > limit
        after = Cursor(shown[-1].started_at_ms, shown[-1].id) if has_more else None
        return Page(shown, total, limit, after)

    async def details(self, tenant_id: str, recording_id: str) -> Details:
        """Raises `RecordingNotFound`."""
        recording = await self._query.get(tenant_id, recording_id)
        room = await rooms.find(self._db, tenant_id, recording.room_id)
        failed = recording.transfer is Transfer.FAILED
        error = await jobs.find_last_error(self._db, recording.id) if failed else None
        fallback = Room(tenant_id, recording.room_id, recording.room_id, recording.started_at_ms)
        return Details(recording, room or fallback, error)

    async def download(self, tenant_id: str, recording_id: str, *, attachment: bool = False) -> Download:
        """Return the way to the file, as far as there is one already; as an `attachment` a browser saves it at once.

        Raises:
            RecordingNotFound: the tenant has none of that id.
            Conflict: it is archived, or has failed, or the key of its bucket may only put.
        """
        recording = await self._query.get(tenant_id, recording_id)
        if recording.state is RecordingState.ARCHIVED:
            raise Conflict(
                "Recording is archived. Restore it first: "
                f"POST /api/v1/recordings/{recording.id}/restore brings it back in the background.",
                code="recording_archived",
            )
        if recording.state is RecordingState.FAILED:
            raise Conflict(f"Recording failed: {recording.error}", code="recording_failed")
        provider = await self._stores.provider(recording.storage_id)
        url = await self._query.download_url(recording, attachment=attachment)
        return Download(recording, url, provider)
