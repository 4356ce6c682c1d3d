"""Brings the segments, images and playlists of one egress to the store, while it is recorded and when it is over.

Nothing is remembered but what the spool says: an entry of the ledger whose file is gone is one that the store has. A
playlist names only such, so it never promises what is not there.
"""

import asyncio
import contextlib
import errno
from bisect import insort
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from rtcstack import log
from rtcstack.egress.dispatcher import playlists, uploader
from rtcstack.egress.dispatcher.journal import Stored
from rtcstack.egress.dispatcher.manifest import manifest
from rtcstack.egress.dispatcher.patience import OnWait, wait_out
from rtcstack.egress.dispatcher.playlists import Listed
from rtcstack.egress.dispatcher.side_survey import SideSurvey
from rtcstack.egress.dispatcher.store import Store, StoreSource
from rtcstack.egress.ledger import Entry, Segment
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.errors import DiskFull, PartRefused, PartUnavailable

_logger = log.get(__name__)
_LOOK_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_HOUR_MS: Final = 3_600_000


class SideResult(msgspec.Struct, frozen=True):
    """What the store has in the end."""

    segments: tuple[Listed, ...] = ()
    images: tuple[tuple[str, int], ...] = ()
    """Keys and wall times."""
    image_counts: tuple[int, ...] = ()
    """For each of the outputs for images."""
    store_url: str = ""
    """Of the bucket."""
    manifest_location: str = ""
    is_mended: bool = False
    """A recorder died over a segment, which ends with the last moment that reached the disk."""


class SideFiles:
    """`run` while a recorder works; `halt` it when none does any more, then `finish`."""

    def __init__(self, order: Order, folder: SpoolFolder, source: StoreSource | None) -> None:
        self._order, self._folder, self._source = order, folder, source
        self._survey = SideSurvey(order, folder)
        self._stored: list[Entry] = []
        self._listed: list[Listed] = []
        """The segments among them, in order, as playlists name them."""
        self._seen = 0
        """So many of the ledger's entries have been looked at."""
        self._waiting: list[Entry] = []
        self._named = 0
        """How many segments the uploaded playlists name."""
        self._halted = asyncio.Event()

    async def run(self) -> None:
        """Upload what becomes complete, until it is halted; trouble with the store is left for later."""
        if self._source is None or not self._is_wanted:
            return
        pause_s = _LOOK_S
        while not await self._is_halted_within(pause_s):
            try:
                await asyncio.to_thread(self._look, is_over=False)
                if self._is_behind:
                    await self._bring(is_over=False)
                pause_s = _LOOK_S
            except (PartUnavailable, PartRefused, OSError) as e:
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                _logger.warning(
                    "segments and images wait",
                    egress_id=self._order.egress_id,
                    error=str(e),
                    again_in_s=pause_s,
                )

    @property
    def counts(self) -> tuple[int, int]:
        """How many segments and images the store has, and how many are complete and wait."""
        return len(self._stored), len(self._waiting)

    def halt(self) -> None:
        """Begin with nothing more; what is under way comes to its end, so that it cannot overtake what `finish` uploads."""
        self._halted.set()

    async def finish(self, on_wait: OnWait | None = None) -> SideResult:
        """Upload what is left and end the playlists; a full disk and passing trouble with the store are waited out.

        Raises:
            PartRefused: when the store will not take it; the files are still in the spool.
        """
        if not self._is_wanted:
            return SideResult()
        store = await wait_out("upload waits", self._order.egress_id, self._bring_all, on_wait)
        images = [entry.output for entry in self._stored if not isinstance(entry, Segment)]
        return SideResult(
            segments=tuple(self._listed),
            images=tuple(self._survey.images(self._stored)),
            image_counts=tuple(images.count(number) for number in range(len(self._order.outputs.images))),
            store_url=store.location("").rstrip("/"),
            is_mended=self._survey.has_mended,
        )

    async def write_manifest(self, stored: Stored, result: SideResult, on_wait: OnWait | None = None) -> str:
        """Upload the manifest if one is wanted; return its location, or nothing.

        Raises:
            PartRefused: when the store will not take it.
        """
        if not self._order.outputs.manifest_key:
            return ""
        step = partial(self._manifest, stored, result)
        return await wait_out("upload waits", self._order.egress_id, step, on_wait)

    async def _manifest(self, stored: Stored, result: SideResult) -> str:
        store, key = await self._store(), self._order.outputs.manifest_key
        content = manifest(self._order, stored, result.segments, result.images, store.location)
        with _needing_room():
            await self._upload_text(store, key, content.decode(), "application/json")
        return store.location(key)

    async def _is_halted_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._halted.wait()
        except TimeoutError:
            return False

    @property
    def _is_wanted(self) -> bool:
        return bool(self._order.outputs.segments or self._order.outputs.images)

    @property
    def _is_behind(self) -> bool:
        """Whether there is anything to upload."""
        return len(self._listed) != self._named or (
            bool(self._waiting) and self._goes_on_with(self._waiting[0])
        )

    async def _store(self) -> Store:
        if self._source is None:
            raise PartRefused(
                "the store's keys came with the request and are gone with the worker", part="minio"
            )
        return await self._source()

    async def _bring(self, *, is_over: bool) -> Store:
        """Upload what is complete, then the playlists that name it; return where."""
        store = await self._store()
        while self._waiting and (is_over or self._goes_on_with(self._waiting[0])):
            entry = self._waiting[0]
            listed = self._survey.listed(entry) if isinstance(entry, Segment) else None
            await self._upload(store, entry)
            self._note_stored(self._waiting.pop(0), listed)
        await self._update_playlists(store, is_over=is_over)
        return store

    def _goes_on_with(self, entry: Entry) -> bool:
        return not self._halted.is_set() and self._survey.may_be_named(entry)

    async def _bring_all(self) -> Store:
        """Upload all that the recorders left. Raises DiskFull when there is no room for what is to be noted of it."""
        with _needing_room():
            await asyncio.to_thread(self._look, is_over=True)
            return await self._bring(is_over=True)

    def _look(self, *, is_over: bool) -> None:
        self._survey.mend(is_over=is_over)
        entries = self._survey.entries()
        for entry in entries[self._seen :]:
            if self._folder.ledger.file(entry).exists():
                self._waiting.append(entry)
            else:
                self._note_stored(entry, self._survey.listed(entry) if isinstance(entry, Segment) else None)
            self._seen += 1  # also if the disk fails at the next one

    def _note_stored(self, entry: Entry, listed: Listed | None) -> None:
        self._stored.append(entry)
        if listed is not None:
            insort(self._listed, listed, key=_index)

    async def _upload(self, store: Store, entry: Entry) -> None:
        file = self._folder.ledger.file(entry)
        content_type = "video/mp2t" if isinstance(entry, Segment) else "image/jpeg"
        await self._put(store, file, self._survey.key(entry), content_type)
        await asyncio.to_thread(file.unlink, missing_ok=True)

    async def _update_playlists(self, store: Store, *, is_over: bool) -> None:
        output = self._order.outputs.segments
        if output is None:
            return
        segments = self._listed
        if is_over or self._is_due(segments):
            text = await asyncio.to_thread(playlists.playlist, output, segments, is_ended=is_over)
            await self._upload_text(store, output.playlist_key, text, playlists.CONTENT_TYPE)
        if output.live_playlist:
            text = playlists.live_playlist(output, segments, is_ended=is_over)
            await self._upload_text(store, output.live_playlist_key, text, playlists.CONTENT_TYPE)
        self._named = len(segments)

    def _is_due(self, segments: Sequence[Listed]) -> bool:
        """Whether the playlist of everything, which grows and grows, is uploaded now: after n hours for each nth segment."""
        hours = sum(segment.duration_ms for segment in segments) // _HOUR_MS
        return len(segments) % max(1, hours) == 0

    async def _upload_text(self, store: Store, key: str, text: str, content_type: str) -> None:
        draft = self._folder.path / "side.draft"
        await asyncio.to_thread(draft.write_text, text)
        await self._put(store, draft, key, content_type)

    async def _put(self, store: Store, file: Path, key: str, content_type: str) -> None:
        await uploader.upload(
            store,
            file,
            key,
            content_type=content_type,
            metadata={**self._order.metadata, "rtcstack-egress": self._order.egress_id},
            sha256=await uploader.hash_small_file(file),
        )


def _index(listed: Listed) -> int:
    return listed.index


@contextlib.contextmanager
def _needing_room() -> Iterator[None]:
    try:
        yield
    except OSError as e:
        if e.errno not in _FULL:
            raise
        raise DiskFull(f"there is no room in the spool: {e}") from e
