"""Supervised loops: do one piece of work, again at once if there was some, otherwise wait to be woken or for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from rtcstack import log
from rtcstack.metrics.counted import WORKERS

_log = log.get(__name__)
_MAX_PAUSE_S = 30.0
_FIRST_PAUSE_S = 0.5


@dataclass
class Worker:
    """`run_once` returns whether it did something: then it is called again at once, and `wakes` are woken too.

    All truth is in rows; waking only saves time.
    """

    name: str
    run_once: Callable[[], Awaitable[bool]]
    interval_s: float = 1.0
    wakes: Sequence["Worker"] = ()
    drain: Callable[[], Awaitable[None]] | None = None
    """Awaited at the end: what `run_once` has begun and not waited for."""
    gather_s: float = 0.0
    """A pause after work: what comes meanwhile is done together, and others are woken once for it."""
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: bool = False

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """End the loop after the piece of work at hand."""
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        failures = 0
        while not self._stopping:
            self._woken.clear()
            try:
                failures, pause_s = 0, await self._step()
                WORKERS.labels(self.name, "idle" if pause_s else "done").inc()
            except Exception:  # noqa: BLE001  # a worker outlives whatever its work runs into
                failures += 1
                WORKERS.labels(self.name, "failed").inc()
                pause_s = min(_FIRST_PAUSE_S * 2**failures, _MAX_PAUSE_S)
                _log.exception("worker failed", worker=self.name, failures=failures, pause_s=pause_s)
            if pause_s and not self._stopping:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._woken.wait()
        if self.drain is not None:
            await self.drain()

    async def _step(self) -> float:
        if not await self.run_once():
            return self.interval_s
        for worker in self.wakes:
            worker.wake()
        if self.gather_s:
            await asyncio.sleep(self.gather_s)
        return 0.0


class Workers:
    """Owns the loops' tasks."""

    def __init__(self, workers: Sequence[Worker], *, drain_s: float = 5.0) -> None:
        self._workers, self._drain_s = workers, drain_s
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(w.run(), name=f"worker:{w.name}") for w in self._workers]

    async def stop(self) -> None:
        """Let each end the work at hand, for a few seconds; what is cut off then is taken up again by its lease."""
        for worker in self._workers:
            worker.stop()
        if self._tasks:
            _done, late = await asyncio.wait(self._tasks, timeout=self._drain_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._tasks = []
