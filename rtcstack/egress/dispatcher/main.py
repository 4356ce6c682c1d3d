"""What the worker's process does: puts the worker together, listens for the signs to end, sees the end through."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

from rtcstack import log
from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.adapters.psrpc.server import Server
from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher import store, uploader
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.tools import Tools
from rtcstack.egress.dispatcher.worker import EgressWorker
from rtcstack.egress.job import OverlayJob
from rtcstack.egress.spool import Spool
from rtcstack.errors import RtcError
from rtcstack.settings import Settings

_logger = log.get(__name__)


class Signs:
    """When to end: the first sign asks for an orderly end, the second one for the files only."""

    def __init__(self) -> None:
        self.drain = asyncio.Event()
        self.hurry = asyncio.Event()

    def give(self) -> None:
        (self.hurry if self.drain.is_set() else self.drain).set()

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.give)


async def run(settings: Settings, nursery: Nursery) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status. The nursery is closed in the end.

    The first sign ends every recording and waits until it is stored and reported, at most
    `settings.egress.drain_timeout_s`; the second one waits for the files only. What is left is for the next start.

    Raises:
        Conflict: when another worker uses the spool.
        PartUnavailable, PartRefused: when Redis is not there or does not take the password.
    """
    signs = Signs()
    signs.listen()
    async with _worker(settings, nursery) as worker:
        _logger.info("ready", spool=str(settings.spool_path))
        await signs.drain.wait()
        await _end(worker, signs, settings.egress.drain_timeout_s)
    return 0


@contextlib.asynccontextmanager
async def _worker(settings: Settings, nursery: Nursery) -> AsyncIterator[EgressWorker]:
    spool, bus = Spool(settings.spool_path), Bus(settings.redis)
    io, server = IOInfoClient(bus), Server(bus)
    worker = EgressWorker(settings, spool, server, _tools(settings, io, nursery))
    nursery.start()
    try:
        await bus.start()
        await io.start()
        bus.on_resync(worker.report_all)
        making_bucket = asyncio.create_task(_make_bucket(settings))
        await worker.open()
        yield worker
        making_bucket.cancel()
    finally:
        await worker.close()
        await server.close()
        await bus.close()
        nursery.close()
        spool.close()


def _tools(settings: Settings, io: IOInfoClient, nursery: Nursery) -> Tools:
    own = settings.egress
    return Tools(
        settings.livekit,
        io,
        nursery,
        _overlay(settings),
        own.resume_within_s,
        max_duration_ms=round((own.max_duration_s or 0) * 1000),
        max_bytes=own.max_bytes or 0,
    )


def _overlay(settings: Settings) -> OverlayJob:
    own = settings.egress
    return OverlayJob(str(own.logo or ""), own.watermark, has_clock=own.clock)


async def _make_bucket(settings: Settings) -> None:
    """The store may come up later than we do: an upload makes the bucket as well."""
    try:
        await uploader.ensure_bucket(store.configured(settings.storage))
    except RtcError as e:
        _logger.warning("the bucket could not be looked at", error=e.message)


async def _end(worker: EgressWorker, signs: Signs, timeout_s: float) -> None:
    draining = asyncio.create_task(worker.drain(infos.BY_WORKER))
    hurrying = asyncio.create_task(signs.hurry.wait())
    await asyncio.wait({draining, hurrying}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    hurrying.cancel()
    if not draining.done():
        _logger.warning(
            "ending before everything is stored; the next start goes on", left=worker.active_egress_ids()
        )
        await worker.close_files()
        draining.cancel()
    _logger.info("ended")
