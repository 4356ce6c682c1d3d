"""Pictures for lists: posters of recordings, and of a clip the moment of the storyboard at which it begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.clip import Clip
from rtcstack.domain.previews import Tile, tile_at
from rtcstack.domain.recording import Recording
from rtcstack.errors import Conflict, RtcError
from rtcstack.ports.database import Database
from rtcstack.repositories import dashboard, storages
from rtcstack.services.storage.stores import Stores

_log = log.get(__name__)
_SAME = 4
"""A link stays the same for a quarter of its time, and so works for three quarters of it at least."""


@dataclass(frozen=True)
class Picture:
    """`url` leads to a sheet of small pictures, and expires; `tile` says which of them."""

    url: str
    tile: Tile


class Pictures:
    """Links stay the same for a while, so that a browser that shows them again does not load them again."""

    def __init__(self, db: Database, stores: Stores, clock: Clock, *, presign_ttl_s: int) -> None:
        self._db, self._stores, self._clock, self._presign_ttl_s = db, stores, clock, presign_ttl_s

    async def posters(self, recordings: Sequence[Recording]) -> Mapping[str, str]:
        """Return links that expire, by recording id; those without a poster that can be read are left out."""
        by_id = {recording.id: recording for recording in recordings}
        links = {}
        for recording_id, key in (await dashboard.poster_keys(self._db, list(by_id))).items():
            link = await self._link(by_id[recording_id].storage_id, key)
            if link is not None:
                links[recording_id] = link
        return links

    async def of_clips(self, clips: Sequence[Clip]) -> Mapping[str, Picture]:
        """Return pictures by clip id; those of whose recording there is no storyboard that can be read are left out."""
        boards = await dashboard.storyboards(self._db, list({clip.recording_id for clip in clips}))
        found = {}
        for clip in clips:
            if (board := boards.get(clip.recording_id)) is None:
                continue
            tile = tile_at(board.previews, clip.start_s, clip.end_s)
            link = await self._link(board.storage_id, tile.key) if tile else None
            if tile is not None and link is not None:
                found[clip.id] = Picture(link, tile)
        return found

    async def sites(self, tenant_id: str) -> Sequence[str]:
        """Return a link into each store that the tenant's recordings lie in: a page may come to show what lies there."""
        buckets: list[str | None] = [None, *await storages.list_ids_in_use(self._db, tenant_id)]
        links = [await self._link(storage_id, "poster.jpg") for storage_id in buckets]
        return [link for link in links if link is not None]

    async def _link(self, storage_id: str | None, key: str) -> str | None:
        try:
            await self._stores.check_readable(storage_id)
            store = await self._stores.of(storage_id)
        except Conflict:  # its key may only put: its page says so
            return None
        except RtcError as e:
            _log.info("no link to a picture", storage=storage_id, key=key, error=e.message)
            return None
        now_s, step_s = self._clock.now_ms() // 1000, max(1, self._presign_ttl_s // _SAME)
        name = key.rpartition("/")[2]
        return store.presign(key, self._presign_ttl_s, name, from_s=now_s - now_s % step_s)
