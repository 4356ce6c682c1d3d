"""Answers without an end, and answers that come byte by byte: each ends in an error, soon and without filling memory."""

import time
from collections.abc import Iterator

import pytest
import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError

from rtcstack.adapters.http.bounded_response import AnswerTooLarge
from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.guarded_pool import guarded_pool
from tests.support.hostile import Answer, HostileServer, head, hostile_server

_PATIENCE_S = 0.3
_DRIP_S = 0.05
_MOST_SENT_BYTES = 40 * 1024 * 1024
"""What the sockets' own buffers hold besides what is read."""


def _pool() -> urllib3.PoolManager:
    guard = AddressGuard(allow_loopback=True)
    return guarded_pool(guard, timeout=urllib3.Timeout(connect=1, read=1), maxsize=1, patience_s=_PATIENCE_S)


def _endless(*first: bytes, part: bytes = b"a" * 65536) -> Answer:
    def answer(_: bytes) -> Iterator[bytes]:
        yield from first
        while True:
            yield part

    return answer


def _dripping(*first: bytes) -> Answer:
    def answer(_: bytes) -> Iterator[bytes]:
        yield from first
        while True:
            time.sleep(_DRIP_S)
            yield b"a"

    return answer


_CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize("is_preloaded", [True, False])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(_endless(head("403 Forbidden", "Connection: close")), id="refusal"),
        pytest.param(_endless(head("403 Forbidden", "Content-Length: 10000000000000")), id="long refusal"),
        pytest.param(_endless(head("200 OK", "Connection: close")), id="success"),
        pytest.param(
            _endless(head("200 OK", _CHUNKED), part=b"10000\r\n" + b"a" * 65536 + b"\r\n"), id="chunks"
        ),
        pytest.param(
            _endless(head("200 OK", _CHUNKED), b"0\r\n", part=b"a: " + b"b" * 60_000 + b"\r\n"), id="trailers"
        ),
        pytest.param(_endless(head("200 OK", _CHUNKED), b"1;", part=b"a" * 65536), id="chunk size"),
        pytest.param(_endless(part=head("100 Continue")), id="interim answers"),
        pytest.param(_endless(b"HTTP/1.1 200 OK\r\n", part=b"a: b\r\n" * 1000), id="headers"),
        pytest.param(_endless(part=b"a" * 65536), id="status line"),
    ],
)
def test_what_has_no_end_is_not_read_to_it(answer: Answer, is_preloaded: bool) -> None:
    with hostile_server(answer) as server:
        with pytest.raises(HTTPError):
            _read_all(server, is_preloaded)
        assert server.sent_bytes < _MOST_SENT_BYTES


def _read_all(server: HostileServer, is_preloaded: bool) -> None:
    answer = _pool().request("GET", server.url, preload_content=is_preloaded)
    while answer.read(65536):
        pass


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(_dripping(head("403 Forbidden", "Content-Length: 1000")), id="refusal"),
        pytest.param(_dripping(head("200 OK", "Content-Length: 1000")), id="success"),
        pytest.param(_dripping(b"HTTP/1.1 200 OK\r\nX-A: "), id="headers"),
        pytest.param(_dripping(b"HTTP/1.1 200 "), id="status line"),
    ],
)
@pytest.mark.parametrize("is_preloaded", [True, False])
def test_what_comes_byte_by_byte_is_not_waited_for(answer: Answer, is_preloaded: bool) -> None:
    with hostile_server(answer) as server, pytest.raises(ReadTimeoutError):
        _read_all(server, is_preloaded)


def test_a_list_of_a_thousand_keys_is_read_and_more_than_any_store_sends_is_not() -> None:
    def sized(count: int) -> Answer:
        return lambda _: iter((head("200 OK", f"Content-Length: {count}"), b"a" * count))

    with hostile_server(sized(8 * 1024 * 1024)) as server:
        assert len(_pool().request("GET", server.url).data) == 8 * 1024 * 1024
    with hostile_server(sized(8 * 1024 * 1024 + 1)) as server, pytest.raises(AnswerTooLarge):
        _pool().request("GET", server.url)


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "403 Forbidden", "304 Not Modified"])
def test_answers_are_as_urllib3_has_them(method: str, status: str) -> None:
    has_body = method != "HEAD" and status not in {"204 No Content", "304 Not Modified"}
    body = b"<Error/>" if has_body else b""

    def answer(_: bytes) -> Iterator[bytes]:
        yield head(status, "ETag: x", *([f"Content-Length: {len(body)}"] if has_body else [])) + body

    with hostile_server(answer) as server:
        for is_preloaded in (True, False):
            found = _pool().urlopen(method, server.url, preload_content=is_preloaded)
            assert (found.status, found.headers["etag"]) == (int(status[:3]), "x")
            assert found.read(cache_content=True) == body
            assert found.data == body
            found.close()
            found.release_conn()


def test_whoever_reads_slowly_loses_nothing_by_it() -> None:
    body = b"a" * 200_000

    def answer(_: bytes) -> Iterator[bytes]:
        yield head("200 OK", f"Content-Length: {len(body)}") + body

    with hostile_server(answer) as server:
        found = _pool().request("GET", server.url, preload_content=False)
        read = found.read(1000)
        time.sleep(2 * _PATIENCE_S)
        while part := found.read(50_000):
            read += part
    assert read == body


def test_what_is_sent_compressed_is_handed_over_as_it_is() -> None:
    def answer(_: bytes) -> Iterator[bytes]:
        yield head("200 OK", "Content-Encoding: gzip", "Content-Length: 3") + b"abc"

    with hostile_server(answer) as server:
        assert _pool().request("GET", server.url).data == b"abc"


def test_a_connection_is_used_again() -> None:
    def answer(_: bytes) -> Iterator[bytes]:
        for _turn in range(2):
            yield head("200 OK", "Content-Length: 2") + b"ok"
            time.sleep(0.1)

    with hostile_server(answer) as server:
        pool = _pool()
        assert [pool.request("GET", server.url).data for _ in range(2)] == [b"ok", b"ok"]
        assert len(server.requests) == 1
        pool.clear()
