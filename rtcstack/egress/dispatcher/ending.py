"""The end of a worker: recordings may run on for a while, are ended, stored and reported; or their files are closed at once."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

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
    """After the first sign take no more requests, end what still runs after `linger_s`, and wait until all is over, at most
    `drain_timeout_s`; after the second one wait for nothing but the files. What is not stored then is for the next start.
    """
    hurrying = asyncio.create_task(signs.hurry.wait())
    await _wait(worker.take_no_more(), hurrying, settings.drain_timeout_s)
    await _wait(worker.until_recorded(), hurrying, settings.linger_s)
    stopping = asyncio.create_task(worker.stop_all(infos.BY_WORKER))
    await _wait(_over(worker, stopping), hurrying, settings.drain_timeout_s)
    hurrying.cancel()
    if left := worker.active_egress_ids():
        _logger.warning("ending before everything is stored; the next start goes on", left=left)
        await worker.until_recorded()
    stopping.cancel()
    _logger.info("ended")


async def _over(worker: EgressWorker, stopping: asyncio.Task[None]) -> None:
    """The stops go on when this is cancelled: one that was cut in half would leave its recorder running."""
    await asyncio.shield(stopping)
    await worker.until_over()


async def _wait(work: Coroutine[Any, Any, None], hurrying: asyncio.Task[bool], timeout_s: float) -> None:
    """Wait for the work, but no longer than that, or than until there is hurry."""
    task = asyncio.create_task(work)
    await asyncio.wait({task, hurrying}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    if not task.cancel() and (fault := task.exception()):
        _logger.error("the end goes on without it", exc_info=fault)
