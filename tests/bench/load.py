"""A load generator in a process of its own: so many connections ask for one URL, each again as soon as it is answered.

    python -m tests.bench.load URL KEY SECONDS CONNECTIONS CORE

prints how many were answered and two percentiles of their latency as JSON. It waits for answers before it asks again, so its latencies say how
long callers wait at this load, not what a fixed rate would meet. It stays on one core and does as little as it can:
the request is made once, and of an answer only the status and the length are read.
"""

import asyncio
import json
import os
import re
import sys
import time
from statistics import quantiles
from typing import cast
from urllib.parse import urlsplit

import uvloop

_PATIENCE_S = 10
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n")


class Caller(asyncio.Protocol):
    """One connection; `done` is set when the time is up or an answer was not 200."""

    def __init__(self, request: bytes, until: float, took_ms: list[float]) -> None:
        self._request, self._until, self._took_ms = request, until, took_ms
        self._began, self._got = 0.0, b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, which is no subclass
        self._ask()

    def _ask(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, separator, body = self._got.partition(_HEAD_END)
        if not separator:
            return
        length = _LENGTH.search(head + b"\r\n")
        if not head.startswith(b"HTTP/1.1 200 ") or length is None:
            self._end(AssertionError(self._got.decode(errors="replace")))
        elif len(body) == int(length[1]):
            self._answered()

    def _answered(self) -> None:
        now = time.perf_counter()
        self._took_ms.append((now - self._began) * 1000)
        self._got = b""
        if now < self._until:
            self._ask()
        else:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionResetError("the server hung up"))

    def _end(self, fault: Exception | None) -> None:
        if self.done.done():
            return
        if fault is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(fault)
        self._transport.close()


async def _run(url: str, key: str, seconds: float, connections: int) -> list[float]:
    where = urlsplit(url)
    head = f"GET {where.path} HTTP/1.1\r\nhost: {where.netloc}\r\nauthorization: Bearer {key}\r\naccept: */*"
    request, took_ms = head.encode() + _HEAD_END, list[float]()
    until, loop = time.perf_counter() + seconds, asyncio.get_running_loop()
    callers = []
    for _ in range(connections):
        _, caller = await loop.create_connection(
            lambda: Caller(request, until, took_ms), where.hostname, where.port
        )
        callers.append(caller.done)
    async with asyncio.timeout(seconds + _PATIENCE_S):
        await asyncio.gather(*callers)
    return took_ms


def main() -> None:
    url, key, seconds, connections, core = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    took_ms = uvloop.run(_run(url, key, float(seconds), int(connections)))
    percentiles = quantiles(took_ms, n=100)
    told = {"requests": len(took_ms), "p50_ms": percentiles[49], "p99_ms": percentiles[98]}
    print(json.dumps(told))  # noqa: T201 - what it is asked for


if __name__ == "__main__":
    main()
