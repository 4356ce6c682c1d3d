"""Stores that a request names, or a tenant has set, are reached through the address guard; nothing inside is connected to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from livekit.protocol.egress import S3Upload

from rtcstack.adapters.http.guard import AddressRefused
from rtcstack.egress.dispatcher import store
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order
from rtcstack.ports.storage import StoreAccess
from rtcstack.settings import load

_INSIDE = (
    "127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
)  # fmt: skip
_OPEN = {"RTCSTACK_LIVEKIT__API_SECRET": "s" * 32, "RTCSTACK_API__HOST": "0.0.0.0"}
_ELSEWHERE = {"RTCSTACK_LIVEKIT__API_SECRET": "s" * 32, "RTCSTACK_EGRESS__API_URL": "http://api:8080"}


class _Inside:
    """Something on this machine that nobody should reach; it counts who does."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def inside() -> Iterator[_Inside]:
    with closing(_Inside()) as found:
        yield found


def _order() -> Order:
    return Order("EG_1", "RM_1", "room", "room/a.mp4", 1, Encoding(), "grid", True, True)


@pytest.mark.parametrize("environ", [_OPEN, _ELSEWHERE])
@pytest.mark.parametrize("host", _INSIDE)
async def test_what_a_request_brings_leads_nowhere_inside(
    inside: _Inside, host: str, environ: dict[str, str]
) -> None:
    """A worker of an API elsewhere is no developer's own machine either, although nothing tells it to listen."""
    brought = S3Upload(access_key="K", secret="S", bucket="bucket", endpoint=f"http://{host}:{inside.port}")
    source = store.Stores(load(environ)).of(_order(), brought)
    assert source is not None
    with pytest.raises(AddressRefused):
        (await source()).client.bucket_exists("bucket")
    assert inside.connections == 0


@pytest.mark.parametrize("host", _INSIDE)
def test_what_a_tenant_has_set_leads_nowhere_inside(inside: _Inside, host: str) -> None:
    access = StoreAccess(f"http://{host}:{inside.port}", "us-east-1", "bucket", True, "K", "S")
    theirs = store._own(access, store.Stores(load(_OPEN))._guard)
    with pytest.raises(AddressRefused):
        theirs.client.bucket_exists("bucket")
    assert inside.connections == 0


async def test_an_allowed_network_is_connected_to(inside: _Inside) -> None:
    environ = {**_OPEN, "RTCSTACK_STORAGE__ALLOW_NETWORKS": '["127.0.0.0/8"]'}
    brought = S3Upload(
        access_key="K", secret="S", bucket="bucket", endpoint=f"http://127.0.0.1:{inside.port}"
    )
    source = store.Stores(load(environ)).of(_order(), brought)
    assert source is not None
    with pytest.raises(Exception, match="Connection"):
        (await source()).client.bucket_exists("bucket")
    assert inside.connections == 1
