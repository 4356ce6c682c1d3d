"""Callers who hold their request back, or never end it: they are hung up on, and others do not notice."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from rtcstack.api.connections import BoundedConnection

_PATIENCE_S = 60
_OK = b"HTTP/1.1 200 OK"


class _Quick(BoundedConnection):
    head_s = body_s = 0.3


class _Roomy(BoundedConnection):
    head_s = body_s = 5


class _Patient(BoundedConnection):
    head_s = body_s = 600


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body, wait for longer than any request may take to come, answer with its length."""
    if scope["type"] != "http":
        return
    size, is_more = 0, True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, is_more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/slow":
        await asyncio.sleep(_Roomy.head_s + 1)
    body = str(size).encode()
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def _serving(http: type[BoundedConnection]) -> AsyncIterator[int]:
    config = uvicorn.Config(_app, host="127.0.0.1", port=0, log_config=None, lifespan="off", http=http)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


@pytest.fixture
async def quick() -> AsyncIterator[int]:
    """The port of a server that gives a request no time to come."""
    async for port in _serving(_Quick):
        yield port


@pytest.fixture
async def roomy() -> AsyncIterator[int]:
    """The port of a server that answers `/slow` later than a request may come."""
    async for port in _serving(_Roomy):
        yield port


@pytest.fixture
async def patient() -> AsyncIterator[int]:
    """The port of a server that waits for the rest of a request."""
    async for port in _serving(_Patient):
        yield port


async def _answer(port: int, *pieces: bytes) -> bytes:
    """Send the pieces, and return what comes until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(_PATIENCE_S):
            return await reader.read()
    except ConnectionError:  # it hung up while more was sent
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab",
    ],
    ids=["nothing", "a line's end", "half a head", "half a body", "an open chunk"],
)
async def test_who_holds_a_request_back_is_hung_up_on(quick: int, begun: bytes) -> None:
    assert await _answer(quick, begun) == b""


async def test_a_request_that_has_come_is_given_its_time(roomy: int) -> None:
    asked = b"POST /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"
    assert (await _answer(roomy, asked)).startswith(_OK)


async def test_several_requests_of_one_connection_are_answered(patient: int) -> None:
    asked = (
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert (await _answer(patient, asked)).count(_OK) == 3


@pytest.mark.parametrize("pieces", [1, 100], ids=["at once", "bit by bit"])
async def test_a_head_without_an_end_is_refused(patient: int, pieces: int) -> None:
    piece = b"a" * (100_000 // pieces)
    end = b"\r\n\r\n" if pieces == 1 else b""
    answer = await _answer(patient, b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", *[piece] * pieces, end)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")


async def test_a_long_head_within_bounds_is_taken(patient: int) -> None:
    asked = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: " + b"a" * 60_000 + b"\r\n\r\n"
    assert (await _answer(patient, asked)).startswith(_OK)
