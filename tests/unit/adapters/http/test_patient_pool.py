"""A body that leaves slowly arrives whole: each bit of it has the timeout for itself."""

import os
import socket
import time
from collections.abc import Callable

import pytest
import urllib3

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.guarded_pool import guarded_pool
from rtcstack.adapters.s3.client import plain_pool
from tests.support.hostile import head, hostile_server

_TIMEOUT = urllib3.Timeout(connect=0.4, read=2)
_READ_BYTES = 128 * 1024
_PAUSE_S = 0.02


def _guarded() -> urllib3.PoolManager:
    return guarded_pool(AddressGuard(allow_loopback=True), timeout=_TIMEOUT, maxsize=1)


def _plain() -> urllib3.PoolManager:
    return plain_pool(_TIMEOUT)


@pytest.mark.parametrize("make", [_guarded, _plain])
def test_a_large_body_may_take_longer_than_one_silence(make: Callable[[], urllib3.PoolManager]) -> None:
    pool, body, arrived = make(), os.urandom(8 * 1024 * 1024), bytearray()
    took_s = 0.0

    def read(connection: socket.socket) -> None:
        nonlocal took_s
        arrived.extend(server.requests[0].partition(b"\r\n\r\n")[2])
        begun = time.monotonic()
        while len(arrived) < len(body) and (data := connection.recv(_READ_BYTES)):
            arrived.extend(data)
            time.sleep(_PAUSE_S)
        took_s = time.monotonic() - begun

    with hostile_server(lambda _: iter((head("200 OK", "Content-Length: 0"),)), read) as server:
        assert pool.urlopen("PUT", server.url, body=body).status == 200
        pool.clear()
    assert arrived == body
    assert took_s > 0.4, "it was no slow line"
