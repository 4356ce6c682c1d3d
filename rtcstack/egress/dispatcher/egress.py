"""The life of one egress in the dispatcher: recorder, file, store, and what LiveKit is told of each step."""

import asyncio
import time
from typing import Final, Self

from livekit.protocol.egress import EgressInfo, EgressStatus

from rtcstack import log
from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher import outcome, side_results
from rtcstack.egress.dispatcher.backlog import Backlog
from rtcstack.egress.dispatcher.course import Paused, Resumed
from rtcstack.egress.dispatcher.early_look import EarlyLook
from rtcstack.egress.dispatcher.journal import Closed, FirstFrame, Journal, Recorded, StopAsked
from rtcstack.egress.dispatcher.load import RecorderLoad
from rtcstack.egress.dispatcher.parts import Parts
from rtcstack.egress.dispatcher.products import FileImpossible, Products
from rtcstack.egress.dispatcher.store import StoreSource
from rtcstack.egress.dispatcher.tools import Tools
from rtcstack.egress.dispatcher.updates import Updates
from rtcstack.egress.dispatcher.upload_ahead import UploadAhead
from rtcstack.egress.dispatcher.upload_session import UploadSession
from rtcstack.egress.dispatcher.waiting import Waiting
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.errors import Conflict, Internal, PartRefused, PartUnavailable

_logger = log.get(__name__)
_PAUSE_S: Final = 1.0


class Egress:
    """Either `record`, `announce`, `run` for a new one, or `resume`, `run` for one found in the spool."""

    def __init__(self, order: Order, folder: SpoolFolder, store: StoreSource | None, tools: Tools) -> None:
        """`store` is None when its keys did not outlive the worker that took the request."""
        self.order = order
        self.info = EgressInfo()
        self.file_closed = asyncio.Event()
        """Set once no recorder writes to the spool any more."""
        self._folder = folder
        self._store = store
        self._tools = tools
        self._journal = Journal(folder.journal)
        self._updates = Updates(tools.io, self._journal)
        self._session = UploadSession(order, self._journal)
        self._ahead = UploadAhead(folder, self._session)
        self._products = Products(order, folder, store, self._journal, self._session)
        self._wait = Waiting()
        self._early_look = EarlyLook(store, order, self._refused, self._accepted)
        self._parts = Parts(order, folder, tools, self._journal)

    @classmethod
    def resume(cls, order: Order, folder: SpoolFolder, store: StoreSource | None, tools: Tools) -> Self:
        """Take up an egress that an earlier worker left in the spool."""
        egress = cls(order, folder, store, tools)
        egress._updates.restore(egress._journal.read())
        egress.info = EgressInfo.FromString(egress._journal.facts.info)
        return egress

    @property
    def load(self) -> RecorderLoad:
        """What its recorder needs of the machine."""
        return self._parts.load

    @property
    def backlogs(self) -> tuple[Backlog, Backlog]:
        """What the store does not have yet: of the file, and of the segments and images. Looks at the disk."""
        return self._products.backlogs(is_recorded=self.is_recorded, waits=self._wait.lasts)

    @property
    def egress_id(self) -> str:
        return self.order.egress_id

    @property
    def is_recorded(self) -> bool:
        """Whether no recorder writes to the spool any more."""
        return self.file_closed.is_set()

    @property
    def is_closed(self) -> bool:
        return self._journal.facts.is_closed

    @property
    def is_empty(self) -> bool:
        """Whether the worker went away before the recorder was started: nobody knows of this egress."""
        return not self._journal.facts.info

    async def adopt(self) -> bool:
        """Take over what LiveKit knows of an egress whose journal is lost; return whether it runs by LiveKit's books.

        Raises:
            PartUnavailable, PartRefused: LiveKit does not say.
        """
        info = await self._tools.io.find_egress(self.order.egress_id)
        if info is None or info.status in infos.ENDED:
            return False
        self.info = info
        await self._updates.prepare(info)
        return True

    async def record(self, info: EgressInfo) -> None:
        """Note the egress in its journal and have the recorder started.

        Raises:
            PartUnavailable: when there is nobody to start it.
        """
        self.info = info
        await self._updates.prepare(info)
        await self._parts.begin()

    async def announce(self) -> None:
        """Have LiveKit take the egress into its books; if it does not answer, it is asked again later.

        Raises:
            PartRefused: when it refuses.
        """
        await self._updates.create(self.info)

    async def stop(self, why: str) -> None:
        """Ask the recorder to finish; without effect on one that is ending already. `why` is LiveKit's word for it."""
        if self.info.status >= EgressStatus.EGRESS_ENDING:
            return
        infos.ending(self.info, why, time.time_ns())
        await self._journal.append(StopAsked(why, time.time_ns()))
        await self._parts.stop()
        await self._updates.put(self.info)

    async def set_paused(self, *, is_paused: bool) -> None:
        """Pause, or go on after a pause; it is on the disk when this returns. Without effect when it is so already.

        Raises:
            Conflict: the egress is ending.
        """
        if self.info.status >= EgressStatus.EGRESS_ENDING:
            raise Conflict(f"egress {self.order.egress_id} is ending")
        if self._journal.facts.course.is_paused != is_paused:
            await self._journal.append((Paused if is_paused else Resumed)(time.time_ns()))
        await self._parts.apply_pause()

    async def report_again(self) -> None:
        """Bring LiveKit's books up to date, if they are behind: pub/sub forgets, and so may its Redis."""
        while not self.is_closed:
            try:
                found = await self._tools.io.find_egress(self.order.egress_id)
            except PartUnavailable:
                await asyncio.sleep(_PAUSE_S)
                continue
            if found is None or found.status < self.info.status:
                await self._updates.put(self.info)
            return

    async def run(self) -> None:
        """See the egress through to its end; the spool holds nothing of it afterwards but a file that was kept."""
        sending = asyncio.create_task(self._updates.run())
        try:
            if self.info.status not in infos.ENDED:  # else only LiveKit has yet to hear of it
                await self._follow()
                await self._report_ending()
                await asyncio.gather(self._ahead.halt(), self._products.halt())
                await self._settle()
                await self._updates.put(self.info)
            self.file_closed.set()
            await self._updates.wait_until_acknowledged()
            await self._close()
        finally:
            self.file_closed.set()
            self._early_look.close()
            await self._ahead.halt()
            await self._products.close()
            sending.cancel()

    async def _follow(self) -> None:
        """Wait until nobody writes to the folder any more and the journal says how the recording ended.

        That stands there before anything waits for the store: whoever takes the folder up does not go on with what has ended.
        """
        if self._parts.is_begun and self._store is not None and self.order.outputs.file == "mp4":
            self._ahead.start(self._store)
        if self._journal.facts.recorded is None:
            self._products.start()
            if first := self._journal.facts.first_frame:
                if self.info.status == EgressStatus.EGRESS_STARTING:  # its worker died before it was told
                    infos.active(self.info, first.wall_ns, time.time_ns())
                    await self._updates.put(self.info)
                self._early_look.start()  # what an earlier worker was refused may have been mended
        ended = await self._parts.follow(self._first_frame)
        if self._journal.facts.recorded is None:
            reason, error = (ended.reason, ended.error) if ended else (None, None)
            parts = self._parts
            await self._journal.append(Recorded(time.time_ns(), reason, error, parts.reduced, parts.lacks))
        self.file_closed.set()

    async def _first_frame(self, wall_ns: int) -> None:
        _logger.info("first frame")
        infos.active(self.info, wall_ns, time.time_ns())
        await self._journal.append(FirstFrame(wall_ns))
        await self._updates.put(self.info)
        self._early_look.start()

    async def _refused(self, words: str) -> None:
        if self.info.status < EgressStatus.EGRESS_ENDING:  # else the end says it
            await self._waiting(words)
            if self.order.has_own_store and not self.order.storage_id:
                await self.stop(infos.BY_FAILURE)  # keys that came with the request cannot be mended

    async def _accepted(self) -> None:
        if self.info.status < EgressStatus.EGRESS_ENDING and self._wait.end(self.info):
            await self._updates.put(self.info)

    async def _report_ending(self) -> None:
        if self.info.status != EgressStatus.EGRESS_ENDING:
            infos.ending(self.info, outcome.end_reason(self._journal.facts), time.time_ns())
            await self._updates.put(self.info)
        for told in (outcome.loss(self._journal.facts), outcome.strain(self._journal.facts)):
            if told:
                infos.add_detail(self.info, told)

    async def _settle(self) -> None:
        """Bring the file to the store and the info to its final status."""
        try:
            stored, beside = await self._products.deliver(self._tools.nursery, self._waiting)
        except PartRefused as e:
            outcome.refused(self.info, self._journal.facts, e.message)
        except Internal as e:
            if isinstance(e, FileImpossible):
                side_results.fill(self.info, self.order, e.beside)
            outcome.no_file(self.info, self._journal.facts, e.message)
        else:
            _logger.info("stored", size_bytes=stored.size_bytes, duration_ms=stored.duration_ms)
            outcome.recovered(self.info, self._journal.facts, stored)
            infos.complete(self.info, self.order, stored, beside, time.time_ns())
            if outcome.is_limit_reached(self._journal.facts):
                infos.limit_reached(self.info)

    async def _waiting(self, words: str) -> None:
        """Tell LiveKit that the file waits, and why; again when the reason has changed, but not all the time."""
        if self._wait.note(self.info, words):
            await self._updates.put(self.info)

    async def _close(self) -> None:
        await self._session.tidy(self._store)
        await self._journal.append(Closed())
        if self.info.status == EgressStatus.EGRESS_FAILED and self._folder.has_media():
            _logger.error("recording kept in the spool", folder=str(self._folder.path), error=self.info.error)
        else:
            await asyncio.to_thread(self._folder.remove)
