import os
import socket
import time
from typing import Any

import msgspec
import pytest
from livekit.protocol.egress import S3Upload
from pydantic import SecretStr

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.egress.dispatcher import store, upload_parts
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order
from rtcstack.errors import Invalid, PartUnavailable
from rtcstack.settings import Storage, load
from tests.support.hostile import head, hostile_server
from tests.support.ports import free_port

_GUARD = AddressGuard()
_READ_BYTES, _PAUSE_S = 64 * 1024, 0.07
_TENANTS = {"rtcstack-storage": "sto_1", "rtcstack-recording": "rec_1"}


def _order(**fields: Any) -> Order:
    return Order("EG_1", "RM_1", "room", "room/a.mp4", 1, Encoding(), "grid", True, True, **fields)


def _stores(**environ: str) -> store.Stores:
    return store.Stores(load({"RTCSTACK_LIVEKIT__API_SECRET": "s" * 32, **environ}))


def test_the_configured_store() -> None:
    configured = store.configured(Storage(access_key=SecretStr("KEY"), secret_key=SecretStr("SECRET")))
    assert configured.location("room/a.mp4") == "http://127.0.0.1:9000/rtcstack-recordings/room/a.mp4"
    assert configured.is_ours
    assert "SECRET" not in repr(configured)


@pytest.mark.parametrize(
    ("endpoint", "location"),
    [
        ("", "https://s3.eu-central-1.amazonaws.com/own/k"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/own/k"),
        ("store.example:9000", "https://store.example:9000/own/k"),
    ],
)
def test_a_requests_store(endpoint: str, location: str) -> None:
    s3 = S3Upload(access_key="K", secret="S", bucket="own", region="eu-central-1", endpoint=endpoint)
    theirs = store.from_request(s3, _GUARD)
    assert theirs.location("k") == location
    assert not theirs.is_ours


@pytest.mark.parametrize(
    "s3",
    [
        S3Upload(access_key="K"),
        S3Upload(access_key="K", bucket="own", endpoint="ftp://x"),
        S3Upload(access_key="K", bucket="own", endpoint="https://"),
        S3Upload(access_key="K", bucket="own", endpoint="https://x/path"),
        S3Upload(access_key="K", bucket="my bucket", endpoint="https://x"),
        S3Upload(access_key="K", bucket="b", endpoint="https://x"),
    ],
)
def test_a_store_that_cannot_be_is_refused(s3: S3Upload) -> None:
    with pytest.raises(Invalid, match=r"s3\."):
        store.from_request(s3, _GUARD)


async def test_an_order_without_a_store_goes_to_the_configured_one() -> None:
    source = _stores().of(_order())
    assert source is not None
    assert (await source()).is_ours


async def test_a_store_that_came_with_its_keys_is_forgotten_with_the_worker() -> None:
    brought = S3Upload(access_key="K", secret="S", bucket="own", endpoint="http://127.0.0.1:1")
    source = _stores().of(_order(has_own_store=True), brought)
    assert source is not None
    assert (await source()).bucket == "own"
    assert _stores().of(_order(has_own_store=True)) is None


@pytest.mark.parametrize("has_own_store", [False, True])
async def test_a_tenants_keys_are_asked_for_also_by_a_worker_that_has_just_come_back(
    has_own_store: bool,
) -> None:
    """The API is not there: that passes, and the upload waits."""
    order = _order(metadata=_TENANTS, has_own_store=has_own_store)
    assert b"secret" not in msgspec.json.encode(order)
    source = _stores(RTCSTACK_API__PORT=str(free_port())).of(order)
    assert source is not None
    with pytest.raises(PartUnavailable, match="API"):
        await source()


def test_a_part_that_leaves_slowly_arrives_in_the_shared_store() -> None:
    """A megabyte a second: no new connection would ever be through with it in the time for connecting."""
    part, arrived = os.urandom(8 * 1024 * 1024), bytearray()

    def read(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _READ_BYTES)
        arrived.extend(server.requests[0].partition(b"\r\n\r\n")[2])
        while len(arrived) < len(part) and (data := connection.recv(_READ_BYTES)):
            arrived.extend(data)
            time.sleep(_PAUSE_S)

    with hostile_server(lambda _: iter((head("200 OK", 'ETag: "x"', "Content-Length: 0"),)), read) as server:
        ours = store.configured(Storage(host="127.0.0.1", port=server.port, secret_key=SecretStr("s")))
        sent = upload_parts.put(ours, "room/a.mp4", "upload-1", 2, part)
    assert len(server.requests) == 1
    assert (arrived, sent.etag) == (part, "x")
