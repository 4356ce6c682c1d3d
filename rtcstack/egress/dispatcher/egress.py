"""The life of one egress in the dispatcher: recorder, file, store, and what LiveKit is told of each step."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final, Self

from livekit.protocol.egress import EgressInfo, EgressStatus

from rtcstack import log
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher import outcome
from rtcstack.egress.dispatcher.delivery import deliver
from rtcstack.egress.dispatcher.journal import Closed, FirstFrame, Journal, Recorded, StopAsked, Stored
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.store import StoreSource
from rtcstack.egress.dispatcher.take import Take
from rtcstack.egress.dispatcher.updates import Updates
from rtcstack.egress.job import EndReason, OverlayJob, RecordingJob
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.errors import Internal, PartRefused, PartUnavailable
from rtcstack.settings import LiveKit

_logger = log.get(__name__)
_PAUSE_S: Final = 1.0
_ORPHAN_PATIENCE_S: Final = 30.0
"""How long a recorder that lost its dispatcher may go on writing its file before it is killed."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every egress works with."""

    livekit: LiveKit
    io: IOInfoClient
    nursery: Nursery
    overlay: OverlayJob


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
        self._take: Take | None = None

    @classmethod
    def resume(cls, order: Order, folder: SpoolFolder, store: StoreSource | None, tools: Tools) -> Self:
        """Take up an egress that an earlier worker left in the spool."""
        egress = cls(order, folder, store, tools)
        egress._updates.restore(egress._journal.read())
        egress.info = EgressInfo.FromString(egress._journal.facts.info)
        return egress

    @property
    def is_closed(self) -> bool:
        return self._journal.facts.is_closed

    @property
    def is_empty(self) -> bool:
        """Whether the worker went away before the recorder was started: nobody knows of this egress."""
        return not self._journal.facts.info

    async def record(self, info: EgressInfo) -> None:
        """Note the egress in its journal and have the recorder started.

        Raises:
            PartUnavailable: when there is nobody to start it.
        """
        self.info = info
        await self._updates.prepare(info)
        take = Take(_job(self.order, self._folder, self._tools), self._folder, self._tools.nursery)
        await take.start()
        self._take = take

    async def announce(self) -> None:
        """Have LiveKit take the egress into its books.

        Raises:
            PartUnavailable, PartRefused: when it does not acknowledge.
        """
        await self._updates.create(self.info)

    async def stop(self, why: str) -> None:
        """Ask the recorder to finish; without effect on one that is ending already. `why` is LiveKit's word for it."""
        if self.info.status >= EgressStatus.EGRESS_ENDING:
            return
        infos.ending(self.info, why, time.time_ns())
        await self._journal.append(StopAsked(why))
        if self._take is not None:
            await self._take.stop()
        await self._updates.put(self.info)

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
            await self._follow()
            if self.info.status not in infos.ENDED:
                await self._report_ending()
                await self._settle()
                await self._updates.put(self.info)
            await self._updates.wait_until_acknowledged()
            await self._close()
        finally:
            self.file_closed.set()
            sending.cancel()

    async def _follow(self) -> None:
        """Wait until nobody writes to the folder any more and the journal says how the recording ended."""
        reason: EndReason | None = "control_lost"  # found in the spool: its worker was gone first
        error: str | None = None
        if self._take is not None:
            ended = await self._take.follow(self._first_frame)
            reason, error = (ended.reason, ended.error) if ended else (None, None)
        else:
            await self._folder.wait_for_recorder(_ORPHAN_PATIENCE_S)
        self.file_closed.set()
        if self._journal.facts.recorded is None:
            await self._journal.append(Recorded(time.time_ns(), reason, error))

    async def _first_frame(self, wall_ns: int) -> None:
        infos.active(self.info, wall_ns, time.time_ns())
        await self._journal.append(FirstFrame(wall_ns))
        await self._updates.put(self.info)

    async def _report_ending(self) -> None:
        if self.info.status != EgressStatus.EGRESS_ENDING:
            infos.ending(self.info, outcome.end_reason(self._journal.facts), time.time_ns())
            await self._updates.put(self.info)
        if loss := outcome.loss(self._journal.facts):
            infos.add_detail(self.info, loss)

    async def _settle(self) -> None:
        """Bring the file to the store and the info to its final status."""
        try:
            stored = self._journal.facts.stored or await self._deliver()
        except PartRefused as e:
            infos.add_detail(self.info, "the file is kept in the worker's spool")
            infos.failed(self.info, e.message, 403, time.time_ns())
        except Internal as e:
            self._nothing_recorded(e.message)
        else:
            if stored.recovered:
                infos.add_detail(self.info, "the recording ends with the last moment that reached the disk")
            infos.complete(self.info, stored, time.time_ns())

    async def _deliver(self) -> Stored:
        if not self._folder.parts():
            raise Internal("nothing was recorded")
        if self._store is None:
            raise PartRefused(
                "the store's keys came with the request and are gone with the worker", part="minio"
            )
        stored = await deliver(self.order, self._folder, self._store, self._tools.nursery, self._journal)
        await self._journal.append(stored)
        await asyncio.to_thread(self._folder.remove_media)
        return stored

    def _nothing_recorded(self, error: str) -> None:
        facts = self._journal.facts
        told = facts.recorded.error if facts.recorded and facts.recorded.error else error
        if facts.first_frame is None and outcome.was_wanted(facts):
            infos.aborted(self.info, outcome.NOTHING_TO_LOSE, time.time_ns())
        else:
            infos.failed(self.info, told, 500, time.time_ns())

    async def _close(self) -> None:
        await self._journal.append(Closed())
        if self.info.status == EgressStatus.EGRESS_FAILED and self._folder.parts():
            _logger.error("recording kept in the spool", folder=str(self._folder.path), error=self.info.error)
        else:
            await asyncio.to_thread(self._folder.remove)


def _job(order: Order, folder: SpoolFolder, tools: Tools) -> RecordingJob:
    livekit = tools.livekit
    return RecordingJob(
        egress_id=order.egress_id,
        room_name=order.room_name,
        room_id=order.room_id,
        ws_url=livekit.ws_url,
        api_key=livekit.api_key.get_secret_value(),
        api_secret=livekit.api_secret.get_secret_value(),
        folder=folder.path,
        encoding=order.encoding,
        source=order.source,
        layout=order.layout,
        overlay=tools.overlay,
        has_audio=order.has_audio,
        has_video=order.has_video,
    )
