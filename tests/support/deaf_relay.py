"""A way to LiveKit on which joins hang: requests get through, and of a websocket all but what its client says.

It can be cut as well, and turn away whoever comes back, or let them wait.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

_CHUNK = 1 << 16
_WEBSOCKET = b"upgrade: websocket"
_UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class DeafRelay:
    """`async with DeafRelay(host, port) as relay:`, then connect to `relay.port` on loopback."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._to_port = host, port
        self._links: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.is_deaf = True
        """What websockets that are opened from now on are like."""
        self.turns_away = False
        """Whether all who come from now on are told that LiveKit does not know them."""
        self.is_open = asyncio.Event()
        """While it is not set, all who come wait."""
        self.is_open.set()
        self.heard_nothing = asyncio.Event()
        """LiveKit has let somebody in to whom nobody listens."""
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._links, return_exceptions=True)

    def cut(self) -> None:
        """Sever every connection that there is."""
        for writer in self._links.values():
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links[task] = writer
        try:
            await self._relay(reader, writer)
        finally:
            del self._links[task]
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await self.is_open.wait()
        if self.turns_away:
            writer.write(_UNAUTHORIZED)
            await writer.drain()
            return
        server_reader, server_writer = await asyncio.open_connection(self._host, self._to_port)
        try:
            server_writer.write(head)
            is_deaf = self.is_deaf and _WEBSOCKET in head.lower()
            there = _pass(reader, None if is_deaf else server_writer)
            back = _pass(server_reader, writer, self.heard_nothing if is_deaf else None)
            _, waiting = await asyncio.wait(
                {asyncio.ensure_future(there), asyncio.ensure_future(back)},
                return_when=asyncio.FIRST_COMPLETED,
            )
            for one in waiting:
                one.cancel()
        finally:
            server_writer.close()


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter | None, is_in: asyncio.Event | None = None
) -> None:
    """Pass on what comes, if there is somebody; tell of everything after the answer to the request for a websocket."""
    passed = 0
    with suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            if passed and is_in is not None:
                is_in.set()
            passed += len(data)
            if writer is not None:
                writer.write(data)
                await writer.drain()
