"""Everything that one egress leaves in the store: its file, segments, images and manifest."""

import asyncio

import msgspec

from rtcstack import log
from rtcstack.egress.dispatcher.backlog import Backlog, backlog_of
from rtcstack.egress.dispatcher.delivery import Delivery
from rtcstack.egress.dispatcher.journal import Journal, Stored
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.patience import OnWait
from rtcstack.egress.dispatcher.side_files import SideFiles, SideResult
from rtcstack.egress.dispatcher.side_survey import spans_of
from rtcstack.egress.dispatcher.store import StoreSource
from rtcstack.egress.dispatcher.upload_session import UploadSession
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.errors import Internal, PartRefused

_logger = log.get(__name__)


class FileImpossible(Internal):
    """No file can be made of what was recorded; `beside` is what the store has nevertheless."""

    def __init__(self, message: str, beside: SideResult) -> None:
        super().__init__(message)
        self.beside = beside


class Products:
    """`start` when a recorder works, `halt` when none does any more, then `deliver`."""

    def __init__(
        self,
        order: Order,
        folder: SpoolFolder,
        source: StoreSource | None,
        journal: Journal,
        session: UploadSession,
    ) -> None:
        self._order, self._folder, self._source = order, folder, source
        self._journal, self._session = journal, session
        self._side = SideFiles(order, folder, source)
        self._uploading: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._uploading = asyncio.create_task(self._side.run(), name=f"beside {self._order.egress_id}")

    def backlogs(self, *, is_recorded: bool, waits: bool) -> tuple[Backlog, Backlog]:
        """Return what the store does not have yet: of the file, as `backlog_of` says, and of the segments and images."""
        file = backlog_of(
            self._folder,
            self._journal.facts,
            is_recorded=is_recorded,
            waits=waits,
        )
        sent, waiting = self._side.counts
        return file, Backlog(self._folder.ledger.unsent_bytes(), sent, is_due=waiting > 0)

    async def halt(self) -> None:
        """Return when nothing is under way to the store any more."""
        self._side.halt()
        if self._uploading is not None:
            (fault,) = await asyncio.gather(self._uploading, return_exceptions=True)
            if isinstance(fault, Exception):
                _logger.error("uploading segments and images failed", exc_info=fault)

    async def close(self) -> None:
        """Drop what is under way."""
        if self._uploading is not None:
            self._uploading.cancel()
        await self.halt()

    async def deliver(self, nursery: Nursery, on_wait: OnWait | None = None) -> tuple[Stored, SideResult]:
        """Bring what is left to the store, and return what it has; nothing of it is in the spool then.

        `on_wait` gets the words of whoever keeps something waiting.

        Raises:
            Internal: when nothing was recorded.
            FileImpossible: when no valid file can be made of it.
            PartRefused: when the store will not take it; it is still in the spool.
        """
        stored = self._journal.facts.stored
        if stored is None and self._order.outputs.file != "none":
            stored = await self._deliver_file(nursery, on_wait)
        beside = await self._side.finish(on_wait)
        if stored is None:
            stored = self._stored_beside(beside)
            await self._journal.append(stored)
        if self._order.outputs.manifest_key:
            location = await self._side.write_manifest(stored, beside, on_wait)
            beside = msgspec.structs.replace(beside, manifest_location=location)
        await asyncio.to_thread(self._folder.remove_media)
        return stored, beside

    async def _deliver_file(self, nursery: Nursery, on_wait: OnWait | None) -> Stored:
        if not self._folder.parts():
            ledger = self._folder.ledger
            if not ledger.has_files() and not ledger.read():
                raise Internal("nothing was recorded")
            raise FileImpossible("nothing was recorded", await self._side.finish(on_wait))
        if self._source is None:
            raise PartRefused(
                "the store's keys came with the request and are gone with the worker", part="minio"
            )
        delivery = Delivery(self._order, self._folder, self._source, self._journal, self._session)
        try:
            stored = await delivery.run(nursery, on_wait)
        except Internal as e:
            raise FileImpossible(e.message, await self._side.finish(on_wait)) from e
        await self._journal.append(stored)
        return stored

    def _stored_beside(self, beside: SideResult) -> Stored:
        """Return what is to be said of an egress without a file."""
        if not beside.segments and not beside.images:
            raise Internal("nothing was recorded")
        spans = spans_of(self._folder, beside.segments)
        last_ns = [segment.wall_ns + segment.duration_ms * 1_000_000 for segment in beside.segments[-1:]]
        ended_ns = max([*last_ns, *(wall_ns for _, wall_ns in beside.images)])
        duration_ms = sum(segment.duration_ms for segment in beside.segments)
        if not beside.segments:
            duration_ms = (ended_ns - spans[0].wall_ns) // 1_000_000 if spans else 0
        return Stored(
            size_bytes=sum(segment.size_bytes for segment in beside.segments),
            duration_ms=duration_ms,
            sha256="",
            location="",
            started_ns=spans[0].wall_ns if spans else 0,
            ended_ns=ended_ns,
            recovered=beside.is_mended,
            spans=spans,
        )
