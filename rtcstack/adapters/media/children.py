"""Media processes as asyncio speaks with them, and the one that stands by with everything imported."""

import asyncio
import contextlib
import socket
import subprocess
import weakref
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from rtcstack.spawn import spawn_argv

_LONGEST_ANSWER_BYTES: Final = 16 * 1024 * 1024
_STANDS_BY_S: Final = 600.0


class _Untold(NamedTuple):
    """A process without an order. It belongs to no event loop yet."""

    process: subprocess.Popen[bytes]
    link: socket.socket


class Child:
    """A process that has its order."""

    def __init__(self, process: subprocess.Popen[bytes], answers: asyncio.StreamReader) -> None:
        self._process, self._answers = process, answers

    async def line(self) -> bytes:
        """Return what it says next, nothing once it has ended."""
        try:
            return await self._answers.readline()
        except ConnectionError:  # it ended without having read its order
            return b""

    async def status(self) -> int:
        """Wait for its end; return its exit status, or minus the signal that ended it."""
        return await asyncio.to_thread(self._process.wait)


class Children:
    """Starts a process for each order.

    Its imports take a third of a second: hence `prepare`, after which one stands by. It is ended if nobody needs it
    for ten minutes, and together with this object.
    """

    def __init__(self) -> None:
        self._standing_by: list[_Untold] = []
        self._dismissal: asyncio.TimerHandle | None = None
        weakref.finalize(self, _dismiss, self._standing_by)

    @contextlib.asynccontextmanager
    async def told(self, order: bytes) -> AsyncIterator[Child]:
        """Give a process its order; it is gone when the block is left, however that happens."""
        process, link = self._take()
        try:
            answers, orders = await asyncio.open_connection(sock=link, limit=_LONGEST_ANSWER_BYTES)
            try:
                with contextlib.suppress(ConnectionError):  # what it died of, its status says
                    orders.write(order)
                    await orders.drain()
                yield Child(process, answers)
            finally:
                orders.transport.abort()
        finally:
            process.kill()
            await asyncio.shield(asyncio.to_thread(process.wait))

    def prepare(self) -> None:
        """Have a process stand by. To be called within an event loop."""
        if not self._standing_by:
            self._standing_by.append(_start())
        if self._dismissal:
            self._dismissal.cancel()
        loop = asyncio.get_running_loop()
        self._dismissal = loop.call_later(_STANDS_BY_S, _dismiss, self._standing_by)

    def _take(self) -> _Untold:
        if self._standing_by and self._standing_by[0].process.poll() is None:
            return self._standing_by.pop()
        _dismiss(self._standing_by)
        return _start()


def _start() -> _Untold:
    # Not in a thread that may end before the process: that one ends with it (`background.step_back`).
    ours, theirs = socket.socketpair()
    with theirs:
        speaking = theirs.fileno()
        process = subprocess.Popen(spawn_argv("media"), stdin=speaking, stdout=speaking)  # noqa: S603 - our own program
    return _Untold(process, ours)


def _dismiss(standing_by: list[_Untold]) -> None:
    while standing_by:
        process, link = standing_by.pop()
        link.close()
        process.kill()
        process.wait()
