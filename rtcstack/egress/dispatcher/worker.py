"""All egresses of this worker: takes requests, keeps each going, takes up those of an earlier run."""

import asyncio
import time
from collections import deque
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from livekit.protocol.egress import EgressInfo

from rtcstack import log
from rtcstack.adapters.psrpc.capacity import CapacityService
from rtcstack.adapters.psrpc.endpoint import Claim
from rtcstack.adapters.psrpc.faults import Fault
from rtcstack.adapters.psrpc.figures import FiguresService
from rtcstack.adapters.psrpc.server import Server
from rtcstack.adapters.psrpc.worker import WorkerServices
from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher import requests
from rtcstack.egress.dispatcher.admission import Admission
from rtcstack.egress.dispatcher.egress import Egress
from rtcstack.egress.dispatcher.figures import Figures
from rtcstack.egress.dispatcher.leftovers import Leftovers
from rtcstack.egress.dispatcher.load import RecorderLoad
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.dispatcher.others import OtherWork
from rtcstack.egress.dispatcher.repeats import check_is_new
from rtcstack.egress.dispatcher.store import Stores
from rtcstack.egress.dispatcher.tools import Tools
from rtcstack.egress.dispatcher.track_names import TrackNames
from rtcstack.egress.spool import Spool
from rtcstack.errors import Conflict, NotFound, PartUnavailable, Upstream
from rtcstack.ports.fleet import WorkerCapacity, WorkerFigures
from rtcstack.settings import Settings

_logger = log.get(__name__)
_ROUND_S: Final = 60.0
_UNMEASURED: Final = RecorderLoad(framerate=30)
"""Of a recorder that is about to start."""


class EgressWorker:
    def __init__(self, settings: Settings, spool: Spool, server: Server, tools: Tools) -> None:
        self._storage, self._crf = settings.storage, settings.egress.crf
        self._spool = spool
        self._tools = tools
        self._others = OtherWork()
        self._admission = Admission(settings, spool, self._others)
        self._services = WorkerServices(server, self)
        self._capacity = CapacityService(server, self)
        self._figures = Figures(spool.path)
        self._telling = FiguresService(server, self._read_figures)
        self._is_draining = False
        self._stores = Stores(settings)
        self._leftovers = Leftovers(spool, self._stores, tools)
        self._tracks = TrackNames(settings.livekit)
        self._egresses: dict[str, Egress] = {}
        self._starting: dict[str, asyncio.Task[EgressInfo]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._rounds: list[asyncio.Task[None]] = []
        self._failed: deque[str] = deque(maxlen=100)
        """Egresses that could not be begun."""

    async def open(self) -> None:
        """Take up what the spool holds, then take requests.

        Raises:
            PartUnavailable: when Redis does not confirm.
        """
        self._rounds.append(asyncio.create_task(self._others.watch(), name="other work"))
        await self._take_up_all()
        await self._capacity.open()
        await self._telling.open()
        await self._services.open()
        self._rounds.append(asyncio.create_task(self._go_rounds(), name="spool"))

    def claim(self, request: Any) -> Claim | None:
        if self._knows(request.egress_id) or request.egress_id in self._failed:
            return Claim()
        return self._admission.claim(request, self._loads())

    def capacity(self) -> WorkerCapacity:
        """Return what this worker can take: nothing, once it drains."""
        found = self._admission.capacity(self._loads())
        if not self._is_draining:
            return found
        return replace(found, more=0, can_record=False, reason="This Egress worker is being stopped.")

    async def start_egress(self, request: Any) -> EgressInfo:
        """Begin what the request asks for; the same egress id again gets the one that is running.

        Raises:
            Fault: `unimplemented` for what this worker does not do.
            RtcError: for a request that is wrong, a disk or machine that is full, a part that does not answer; for the id of one
                that another worker has, or that could not be begun, since that has been told as ended.
        """
        egress_id = request.egress_id
        if egress_id in self._failed:
            raise Conflict(f"egress {egress_id} could not be begun, and has ended")
        if egress_id in self._egresses:
            return deepcopy(self._egresses[egress_id].info)
        if egress_id not in self._starting:
            if self._is_draining:
                raise PartUnavailable("this Egress worker is being stopped", part="egress")
            # With nothing awaited between the check and the entry, starts at the same moment count each other.
            self._admission.check(self._loads())
            task = self._starting[egress_id] = asyncio.create_task(self._begin(request))
            task.add_done_callback(lambda _: self._starting.pop(egress_id))
        return await asyncio.shield(self._starting[egress_id])

    async def stop_egress(self, egress_id: str) -> EgressInfo:
        """Begin to end an egress and return at once; a repeat gets the same answer.

        Raises:
            NotFound: when it does not run here.
            Conflict: when it has ended.
        """
        egress = await self._find(egress_id)
        if egress.info.status in infos.ENDED:
            raise Conflict(f"egress {egress_id} has ended")
        await egress.stop(infos.BY_API)
        return deepcopy(egress.info)

    async def set_paused(self, egress_id: str, *, is_paused: bool) -> None:
        """Pause an egress, or let it go on; without effect when it is so already.

        Raises:
            NotFound: when it does not run here.
            Conflict: when it is ending.
        """
        await (await self._find(egress_id)).set_paused(is_paused=is_paused)

    async def _find(self, egress_id: str) -> Egress:
        if starting := self._starting.get(egress_id):
            await asyncio.wait([starting])
        if egress_id not in self._egresses:
            raise NotFound(f"no egress {egress_id} runs on this worker")
        return self._egresses[egress_id]

    def _knows(self, egress_id: str) -> bool:
        return egress_id in self._egresses or egress_id in self._starting

    def active_egress_ids(self) -> list[str]:
        return list({*self._starting, *self._egresses})

    async def report_all(self) -> None:
        """Bring LiveKit's books up to date after the bus was gone."""
        await asyncio.gather(*(egress.report_again() for egress in self._egresses.values()))

    async def take_no_more(self) -> None:
        for task in self._rounds:
            task.cancel()
        self._is_draining = True
        await self._services.stop_claiming()
        await asyncio.gather(*map(asyncio.shield, self._starting.values()), return_exceptions=True)

    async def stop_all(self, why: str) -> None:
        """Ask every recorder to finish; `why` is LiveKit's word for it, and it may take a while to hear it."""
        await asyncio.gather(*(egress.stop(why) for egress in self._egresses.values()))

    async def until_recorded(self) -> None:
        """Return when no recorder writes to the spool any more."""
        await asyncio.gather(*(egress.file_closed.wait() for egress in self._egresses.values()))

    async def until_over(self) -> None:
        """Return when every recording is stored, and LiveKit knows."""
        if running := list(self._running.values()):
            await asyncio.wait(running)

    async def close(self) -> None:
        """Drop everything as it stands."""
        for task in [*self._rounds, *self._starting.values(), *self._running.values()]:
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _begin(self, request: Any) -> EgressInfo:
        try:
            looking = self._tracks.look_up(*requests.tracks_named(request))
            track, _ = await asyncio.gather(looking, check_is_new(self._tools.io, request.egress_id))
            parsed = requests.parse(
                request, storage=self._storage, now_ns=time.time_ns(), track=track, crf=self._crf
            )
        except NotOurs as e:
            raise Fault("unimplemented", f"this worker does not do {e}") from e
        with log.about(**parsed.order.about):
            return await self._accept(request, parsed)

    async def _accept(self, request: Any, parsed: requests.Parsed) -> EgressInfo:
        store = self._stores.of(parsed.order, parsed.own_store)
        folder = await asyncio.to_thread(self._spool.create, parsed.order)
        egress = Egress(parsed.order, folder, store, self._tools)
        try:
            await egress.record(infos.starting(request, parsed.order))
        except BaseException:
            folder.remove()
            raise
        try:
            await asyncio.gather(egress.announce(), self._services.open_egress(parsed.order.egress_id))
        except Exception:
            self._failed.append(parsed.order.egress_id)
            await egress.stop(infos.BY_FAILURE)
            raise
        finally:
            self._keep(egress)
        _logger.info("recording", object_key=parsed.order.object_key)
        return deepcopy(egress.info)

    async def _go_rounds(self) -> None:
        """Take up again what could not be seen to an end."""
        while True:
            await asyncio.sleep(_ROUND_S)
            await self._take_up_all()

    async def _take_up_all(self) -> None:
        async for egress in self._leftovers.egresses(self._knows):
            try:
                await self._services.open_egress(egress.egress_id)
            except (Upstream, OSError) as e:
                _logger.warning("left for later", egress_id=egress.egress_id, error=str(e))
                continue
            _logger.info("taken up from the spool", egress_id=egress.egress_id)
            self._keep(egress)

    async def _read_figures(self) -> WorkerFigures:
        return await self._figures.read(list(self._egresses.values()), self.capacity())

    def _loads(self) -> list[RecorderLoad]:
        """Return what each recorder needs, also of those that start; egresses that are only being uploaded have none."""
        starting = self._starting.keys() - self._egresses.keys()
        running = [egress.load for egress in self._egresses.values() if not egress.file_closed.is_set()]
        return [*running, *(_UNMEASURED for _ in starting)]

    def _keep(self, egress: Egress) -> None:
        egress_id = egress.order.egress_id
        self._egresses[egress_id] = egress
        self._running[egress_id] = asyncio.create_task(self._run(egress), name=egress_id)

    async def _run(self, egress: Egress) -> None:
        egress_id = egress.order.egress_id
        log.note(**egress.order.about)
        try:
            await egress.run()
            _logger.info("done", status=infos.word(egress.info))
        except Exception:
            _logger.exception("egress left to the next start")
        finally:
            self._figures.note_end(egress, egress.info)
            del self._egresses[egress_id], self._running[egress_id]
            await self._services.close_egress(egress_id)
