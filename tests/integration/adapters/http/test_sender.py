"""The sender against real sockets: what receivers do to it, and where it does not go."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.sender import HttpSender
from rtcstack.domain.delivery import Attempt
from rtcstack.errors import Invalid

_HEAD = "HTTP/1.1 {}\r\n{}\r\n"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class _Server:
    """Counts connections and keeps what was sent."""

    def __init__(self, answer: Answer) -> None:
        self._answer, self.connections, self.requests = answer, 0, list[bytes]()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            self.requests.append(head + await reader.readexactly(length))
            await self._answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


def _plain(status: str, headers: str = "", body: bytes = b"") -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        head = _HEAD.format(status, f"content-length: {len(body)}\r\n{headers}")
        writer.write(head.encode() + body)
        await writer.drain()

    return answer


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD.format("200 OK", "content-length: 100000\r\n").encode())
    for _ in range(1000):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD.format("200 OK", "connection: close\r\n").encode())
    while True:
        writer.write(b"y" * 65536)
        await writer.drain()


async def _silent(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3)


@asynccontextmanager
async def _listening(answer: Answer, host: str = "127.0.0.1") -> AsyncIterator[tuple[_Server, int]]:
    server = _Server(answer)
    listening = await asyncio.start_server(server.take, host, 0)
    try:
        yield server, listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()


@asynccontextmanager
async def _sender(*, allow_loopback: bool = True, timeout_s: float = 5) -> AsyncIterator[HttpSender]:
    sender = HttpSender(AddressGuard(allow_loopback=allow_loopback), timeout_s)
    await sender.open()
    try:
        yield sender
    finally:
        await sender.close()


async def _post(answer: Answer, *, timeout_s: float = 5) -> tuple[Attempt, _Server]:
    async with _listening(answer) as (server, port), _sender(timeout_s=timeout_s) as sender:
        headers = {"webhook-id": "evt_1", "content-type": "application/json"}
        return await sender.post(f"http://127.0.0.1:{port}/hook?a=%20b", b'{"a":1}', headers), server


async def test_the_body_goes_as_it_is_and_the_answer_comes_back() -> None:
    attempt, server = await _post(_plain("201 Created", body=b"thanks"))
    assert (attempt.status_code, attempt.response, attempt.error) == (201, "thanks", None)
    [request] = server.requests
    assert request.startswith(b"POST /hook?a=%20b HTTP/1.1\r\n")
    assert request.endswith(b'\r\n\r\n{"a":1}')


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 T", "308 P"])
async def test_a_redirect_is_not_followed(status: str) -> None:
    async with _listening(_plain("200 OK")) as (target, port):
        attempt, _ = await _post(_plain(status, f"location: http://127.0.0.1:{port}/\r\n"))
        assert attempt.status_code == int(status[:3])
        assert target.connections == 0


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("120", 120, 120),
        ("0", 0, 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 10**9, 10**10),
        ("9" * 400, 10**8, 10**9),
    ],
)
async def test_retry_after_is_read_as_seconds_and_as_a_date(value: str, low: float, high: float) -> None:
    attempt, _ = await _post(_plain("503 Busy", f"retry-after: {value}\r\n"))
    assert attempt.retry_after_s is not None
    assert low <= attempt.retry_after_s <= high


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 01 Jan 2100 00:00:00 GMT",
        "Fri Jan  1 00:00:00 2100",
        "Fri, 01 Jan 2100 00:00:00 -0000",
    ],
)
async def test_dates_are_in_utc_wherever_this_machine_is(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        attempt, _ = await _post(_plain("503 Busy", f"retry-after: {value}\r\n"))
    finally:
        monkeypatch.undo()
        time.tzset()
    there_s = datetime(2100, 1, 1, tzinfo=UTC).timestamp() - time.time()
    assert attempt.retry_after_s == pytest.approx(there_s, abs=60)


@pytest.mark.parametrize("value", ["", "soon", "-1", "1e9", "٣", "Fri, 99 Jan 2100 00:00:00 GMT"])
async def test_a_retry_after_that_says_nothing_is_none(value: str) -> None:
    attempt, _ = await _post(_plain("503 Busy", f"retry-after: {value}\r\n"))
    assert (attempt.status_code, attempt.retry_after_s) == (503, None)


async def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    for answer in (_plain("200 OK", body=b"z" * 1_000_000), _endless):
        attempt, _ = await _post(answer)
        assert (attempt.status_code, len(attempt.response)) == (200, 2048)


async def test_an_answer_that_comes_drop_by_drop_is_one_by_its_status() -> None:
    attempt, _ = await _post(_drip)
    assert attempt.status_code == 200
    assert 0 < len(attempt.response) < 2048
    assert attempt.duration_ms < 4000


async def test_a_packed_answer_is_not_unpacked() -> None:
    packed = gzip.compress(b"0" * 10_000_000)
    attempt, _ = await _post(_plain("200 OK", "content-encoding: gzip\r\n", packed))
    assert attempt.status_code == 200
    assert "0000" not in attempt.response


async def test_cookies_are_not_kept() -> None:
    async with (
        _listening(_plain("200 OK", "set-cookie: a=b\r\nconnection: close\r\n")) as (server, port),
        _sender() as sender,
    ):
        for _ in range(2):
            await sender.post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert b"cookie" not in server.requests[1].lower()


async def test_no_answer_in_time_is_a_failure_that_says_so() -> None:
    attempt, _ = await _post(_silent, timeout_s=0.3)
    assert (attempt.status_code, attempt.error) == (None, "no answer within 0.3 s")


async def test_what_is_no_http_is_a_failure_that_says_so() -> None:
    async def noise(writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x16\x03\x01 hello\r\n\r\n")

    async def nothing(_writer: asyncio.StreamWriter) -> None:
        return

    for answer in (noise, nothing, _plain("200 OK", f"x: {'h' * 100_000}\r\n")):
        attempt, _ = await _post(answer)
        assert attempt.status_code is None
        assert attempt.error


_INSIDE = (
    "127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]",
    "0.0.0.0", "[::]", "①②⑦.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("host", _INSIDE)
async def test_nothing_inside_is_connected_to_however_it_is_written(host: str) -> None:
    async with _listening(_plain("200 OK")) as (server, port), _sender(allow_loopback=False) as sender:
        url = f"http://{host}:{port}/"
        attempt = await sender.post(url, b"{}", {})
        assert attempt.status_code is None
        assert server.connections == 0
        with pytest.raises(Invalid) as refused:
            await sender.check_url(url)
        assert refused.value.word == "invalid_webhook_url"


async def test_a_name_that_answers_differently_the_second_time_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The look-up that was checked is not asked again: what is connected to is checked itself."""
    async with _listening(_plain("200 OK")) as (server, port), _sender(allow_loopback=False) as sender:
        monkeypatch.setattr(sender._resolver, "resolve", _leads_inside)
        attempt = await sender.post(f"http://rebinding.example:{port}/", b"{}", {})
        assert attempt.error is not None
        assert "does not connect to" in attempt.error
        assert server.connections == 0


async def _leads_inside(host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
    return [
        {"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 6, "flags": 0 * family}
    ]


async def test_a_name_that_leads_nowhere_yet_is_taken_and_fails_when_it_is_used() -> None:
    async with _sender() as sender:
        await sender.check_url("https://nowhere.invalid/hook")
        attempt = await sender.post("https://nowhere.invalid/hook", b"{}", {})
        assert attempt.status_code is None
        assert attempt.error


async def test_loopback_is_taken_where_the_operator_works_alone() -> None:
    async with _sender(allow_loopback=True) as sender:
        for url in ("http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/"):
            await sender.check_url(url)
