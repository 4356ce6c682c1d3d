"""Poster and storyboard of recordings: made once they are ready, kept beside them, given out as links."""

from collections.abc import Sequence
from pathlib import Path

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.job import Job
from rtcstack.domain.object_key import poster_key, sheet_key
from rtcstack.domain.previews import Previews, StoryboardSheet, webvtt
from rtcstack.domain.recording import Recording
from rtcstack.errors import Conflict, Invalid, PreviewsNotFound, RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.media import Media, Storyboard
from rtcstack.ports.storage import Storage
from rtcstack.repositories import jobs, previews
from rtcstack.services.denials import denials_waited_out
from rtcstack.services.jobs import Lease, NotYet
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_source import (
    FROZEN,
    THAWED_S,
    RecordingSource,
    find_stored,
    moves_waited_out,
)
from rtcstack.services.storage.stores import Stores
from rtcstack.services.workspace import Workspace

_log = log.get(__name__)
_JPEG = "image/jpeg"


class PreviewsWork:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        media: Media,
        stores: Stores,
        source: RecordingSource,
        workspace: Workspace,
    ) -> None:
        self._db, self._clock, self._media, self._stores = db, clock, media, stores
        self._source, self._workspace = source, workspace

    async def run(self, job: Job, lease: Lease) -> None:
        """Of a recording without pictures, or in a bucket that may not be read from, nothing is made."""
        recording = await find_stored(self._db, job.recording_id)
        made = None
        if recording is not None:
            try:
                async with moves_waited_out(self._db, self._clock, job, recording):
                    with denials_waited_out(job, self._clock):
                        made = await self._make(job, lease, recording)
            except (Invalid, Conflict) as e:
                if e.word == FROZEN:
                    raise NotYet(e.message, again_in_s=THAWED_S) from e
                _log.info("no previews", recording_id=recording.id, reason=e.message)
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if await jobs.finish(tx, job, now_ms) and made is not None:
                await previews.put(tx, made)

    async def give_up(self, job: Job, error: RtcError) -> None:
        async with self._db.transaction() as tx:
            await jobs.finish(tx, job, self._clock.now_ms(), error=error.message)

    async def _make(self, job: Job, lease: Lease, recording: Recording) -> Previews:
        source = await self._source.of_object(recording)
        store = await self._stores.of(recording.storage_id)
        async with self._workspace.folder(job) as folder:
            poster = folder / "poster.jpg"
            await self._media.poster(source, poster)
            board = await self._media.storyboard(source, folder)
            await lease.check()
            poster_at = poster_key(recording.object_key)
            await _upload(store, recording, poster, poster_at)
            sheets = await _upload_sheets(store, recording, board)
        return Previews(
            recording_id=recording.id,
            poster_key=poster_at,
            tile_width=board.tile_width,
            tile_height=board.tile_height,
            interval_ms=board.interval_ms,
            sheets=sheets,
            created_at_ms=self._clock.now_ms(),
        )


async def _upload_sheets(
    store: Storage, recording: Recording, board: Storyboard
) -> tuple[StoryboardSheet, ...]:
    made: list[StoryboardSheet] = []
    for nth, sheet in enumerate(board.sheets, start=1):
        key = sheet_key(recording.object_key, nth)
        await _upload(store, recording, sheet.file, key)
        made.append(StoryboardSheet(key, sheet.columns, sheet.tiles))
    return tuple(made)


async def _upload(store: Storage, recording: Recording, file: Path, key: str) -> None:
    metadata = {"rtcstack-recording": recording.id, "rtcstack-tenant": recording.tenant_id}
    await store.upload(file, key, content_type=_JPEG, metadata=metadata, bucket=recording.bucket)


class RecordingPreviews:
    """Gives out what there is."""

    def __init__(self, db: Database, query: RecordingQuery, stores: Stores, *, presign_ttl_s: int) -> None:
        self._db, self._query, self._stores = db, query, stores
        self._presign_ttl_s = presign_ttl_s

    async def get(self, tenant_id: str, recording_id: str) -> tuple[Previews, str]:
        """Return the recording's previews and a link to the poster that expires.

        Raises:
            RecordingNotFound: the tenant has none of that id.
            PreviewsNotFound: there are none, or not yet.
            Conflict: `storage_read_forbidden`.
        """
        recording, found = await self._find(tenant_id, recording_id)
        [poster_url] = await self._links(recording, [found.poster_key])
        return found, poster_url

    async def storyboard(self, tenant_id: str, recording_id: str) -> str:
        """Return the storyboard as WebVTT, its sprites as links that expire. Raises what `get` raises."""
        recording, found = await self._find(tenant_id, recording_id)
        keys = [sheet.key for sheet in found.sheets]
        links = dict(zip(keys, await self._links(recording, keys), strict=True))
        return webvtt(found, recording.duration_ms or 0, links.__getitem__)

    async def _find(self, tenant_id: str, recording_id: str) -> tuple[Recording, Previews]:
        recording = await self._query.get(tenant_id, recording_id)
        await self._stores.check_readable(recording.storage_id)
        found = await previews.find(self._db, recording.id)
        if found is None:
            raise PreviewsNotFound(
                "There are no previews of this recording. They are made in the minute after it is ready, unless it has "
                "no pictures, or the server is set to make none."
            )
        return recording, found

    async def _links(self, recording: Recording, keys: Sequence[str]) -> list[str]:
        store = await self._stores.of(recording.storage_id)
        return [store.presign(key, self._presign_ttl_s, key.rpartition("/")[2]) for key in keys]
