"""Read clips."""

from collections.abc import Sequence

from rtcstack.domain.audit import Action
from rtcstack.domain.clip import Clip, ClipState
from rtcstack.errors import ClipNotFound, Conflict
from rtcstack.ports.database import Database
from rtcstack.repositories import clips
from rtcstack.services.audit import LinkLog
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.storage.stores import Stores

LIST_LIMIT = 1000
_LATEST_MS = 2**53


class ClipQuery:
    def __init__(
        self,
        db: Database,
        stores: Stores,
        recording_query: RecordingQuery,
        link_log: LinkLog,
        *,
        presign_ttl_s: int,
    ) -> None:
        self._db, self._stores, self._recording_query = db, stores, recording_query
        self._link_log, self._presign_ttl_s = link_log, presign_ttl_s

    async def get(self, tenant_id: str, clip_id: str) -> Clip:
        """Raises `ClipNotFound` for an unknown, a deleted and another tenant's one alike."""
        clip = await clips.find_visible(self._db, tenant_id, clip_id)
        if clip is None:
            raise ClipNotFound(f"There is no clip {clip_id}.")
        return clip

    async def list_of_recording(self, tenant_id: str, recording_id: str) -> Sequence[Clip]:
        """Return the recording's clips, newest first, at most 1000. Raises `RecordingNotFound`."""
        await self._recording_query.get(tenant_id, recording_id)
        return await clips.list_of_recording(self._db, tenant_id, recording_id, LIST_LIMIT)

    async def page(
        self, tenant_id: str, *, before: str | None, limit: int
    ) -> tuple[Sequence[Clip], str | None]:
        """Return the tenant's clips of all recordings, newest first, and where the next page begins, if there is one.

        Raises:
            ClipNotFound: `before` is not the id of a clip of the tenant's.
        """
        last = await self.get(tenant_id, before) if before else None
        place = (last.created_at_ms, last.id) if last else (_LATEST_MS, "")
        found = await clips.list_of_tenant(self._db, tenant_id, place, limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def download_url(
        self, clip: Clip, *, attachment: bool = False, renews_since_ms: int | None = None
    ) -> str | None:
        """Return a link that expires, or None while there is nothing to download, or nothing may be read there.

        As an `attachment` a browser saves the file instead of playing it. One that renews another of the caller's, handed out
        since that instant, is not told of again.
        """
        if clip.state is not ClipState.COMPLETE:
            return None
        try:
            await self._stores.check_readable(clip.storage_id)
        except Conflict:
            return None
        store = await self._stores.of(clip.storage_id)
        await self._link_log.note(
            Action.CLIP_LINK,
            clip.tenant_id,
            clip.id,
            unless_since_ms=renews_since_ms,
            recording_id=clip.recording_id,
        )
        name = clip.object_key.rpartition("/")[2]
        return store.presign(clip.object_key, self._presign_ttl_s, name, attachment=attachment)
