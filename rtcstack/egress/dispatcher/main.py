"""What the worker's process does: puts the worker together, and serves until there is a sign to end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from rtcstack import log
from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.adapters.psrpc.server import Server
from rtcstack.egress.dispatcher import store, uploader
from rtcstack.egress.dispatcher.ending import Signs, end
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.tools import Tools
from rtcstack.egress.dispatcher.worker import EgressWorker
from rtcstack.egress.job import OverlayJob
from rtcstack.egress.spool import Spool
from rtcstack.errors import RtcError
from rtcstack.settings import Settings

_logger = log.get(__name__)


async def run(settings: Settings, nursery: Nursery) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status. The nursery is closed in the end.

    How it ends then: `ending.py`.

    Raises:
        Conflict: when another worker uses the spool.
        PartUnavailable, PartRefused: when Redis is not there or does not take the password.
    """
    signs = Signs()
    signs.listen()
    async with _worker(settings, nursery) as worker:
        _logger.info("ready", spool=str(settings.spool_path))
        await signs.drain.wait()
        await end(worker, signs, settings.egress)
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
