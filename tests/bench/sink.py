"""A webhook receiver in a process of its own that does as little as it can: `python -m tests.bench.sink PORT CORE`.

It answers 204 to every POST. At the end of its standard input it prints, as JSON, how many came, how many different ids they
had, and when the first and the last one came, in seconds since the epoch.
"""

import asyncio
import json
import os
import re
import sys
import time
from typing import cast

import uvloop

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_ID = re.compile(rb"\r\nwebhook-id: (\S+)", re.IGNORECASE)
_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class _Sink(asyncio.Protocol):
    def __init__(self, arrived: dict[bytes, int], instants: list[float]) -> None:
        self._arrived, self._instants, self._got = arrived, instants, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, which is no subclass

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (end := self._got.find(_HEAD_END)) >= 0:
            head = self._got[:end]
            length, name = _LENGTH.search(head), _ID.search(head)
            whole = end + len(_HEAD_END) + (int(length[1]) if length else 0)
            if len(self._got) < whole:
                return
            self._got = self._got[whole:]
            key = name[1] if name else b""
            self._arrived[key] = self._arrived.get(key, 0) + 1
            self._instants.append(time.time())
            self._transport.write(_ANSWER)


async def _serve(port: int) -> None:
    arrived: dict[bytes, int] = {}
    instants: list[float] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Sink(arrived, instants), "127.0.0.1", port)
    print("ready", flush=True)  # noqa: T201 - who started it waits for it
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    told = {"posts": len(instants), "ids": len(arrived)}
    if instants:
        told |= {"first_s": instants[0], "last_s": instants[-1]}
    print(json.dumps(told), flush=True)  # noqa: T201 - what it is asked for


def main() -> None:
    port, core = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    uvloop.run(_serve(int(port)))


if __name__ == "__main__":
    main()
