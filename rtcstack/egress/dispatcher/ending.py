"""The end of a worker: recordings may run on for a while, are ended, stored and reported; or their files are closed at once."""

import asyncio
import signal
from contextlib import suppress

from rtcstack import log
from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher.worker import EgressWorker
from rtcstack.settings import Egress

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


async def end(worker: EgressWorker, signs: Signs, settings: Egress) -> None:
    """End after the first sign, or at once after the second one; what is not stored then is for the next start."""
    draining = asyncio.create_task(_drain(worker, settings))
    hurrying = asyncio.create_task(signs.hurry.wait())
    await asyncio.wait({draining, hurrying}, return_when=asyncio.FIRST_COMPLETED)
    hurrying.cancel()
    if left := worker.active_egress_ids():
        _logger.warning("ending before everything is stored; the next start goes on", left=left)
        stopping = asyncio.create_task(worker.stop_all(infos.BY_WORKER))
        await worker.until_recorded()
        stopping.cancel()
    draining.cancel()
    _logger.info("ended")


async def _drain(worker: EgressWorker, settings: Egress) -> None:
    """Take no more requests; end what still runs after `linger_s`; wait until all is over, at most `drain_timeout_s`."""
    await worker.take_no_more()
    with suppress(TimeoutError):
        async with asyncio.timeout(settings.linger_s):
            await worker.until_recorded()
    with suppress(TimeoutError):
        async with asyncio.timeout(settings.drain_timeout_s):
            await worker.stop_all(infos.BY_WORKER)
            await worker.until_over()
