"""Stores that mean harm: a check of one ends soon, and says nothing of what only this server can reach."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.s3.opener import S3Opener
from rtcstack.errors import Conflict, Invalid, PartRefused, PartUnavailable, RtcError
from rtcstack.ports.storage import Location, OwnStorage, StoreAccess
from tests.support.hostile import Answer, HostileServer, head, hostile_server

_ENDLESS_PAGES = (
    b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>next</NextContinuationToken>"
    b"</ListBucketResult>"
)


def _answers(*parts: bytes) -> Answer:
    return lambda _: iter(parts)


@pytest.fixture
async def opener() -> AsyncIterator[S3Opener]:
    made = S3Opener(AddressGuard(allow_loopback=True))
    yield made
    await made.close()


def _access(server: HostileServer) -> StoreAccess:
    return StoreAccess(server.url, "us-east-1", "bucket", True, "key-id", "secret")


async def _opened(opener: S3Opener, server: HostileServer) -> OwnStorage:
    return opener.open(_access(server))


@pytest.mark.parametrize(
    "answer",
    [
        _answers(head("403 Forbidden", "Connection: close") + b"<Error>", *([b"a" * 65536] * 100)),
        _answers(head("403 Forbidden", "Content-Length: 4") + b"\xff\xfe\xfd\xfc"),
        _answers(head("403 Forbidden", "Content-Length: 7") + b"<Error>"),
        _answers(head("307 Temporary Redirect", "Location: http://127.0.0.1:1/", "Content-Length: 0")),
        _answers(b"SSH-2.0-OpenSSH\r\n"),
    ],
    ids=["endless", "no text", "no xml", "redirect", "no http"],
)
async def test_what_is_no_store_is_refused_and_asked_once(opener: S3Opener, answer: Answer) -> None:
    with hostile_server(answer) as server:
        with pytest.raises(Invalid) as refused:
            await opener.check(_access(server), "probe.txt", "acme")
        assert (refused.value.word, refused.value.details["field"]) == ("storage_check_failed", "endpoint")
        assert len(server.requests) == 1


async def test_what_another_server_says_is_not_handed_on(opener: S3Opener) -> None:
    page = b"<html>the router's password is hunter2</html>"
    answer = head("404 Not Found", f"Content-Length: {len(page)}").replace(b"application/xml", b"text/html")
    with hostile_server(_answers(answer + page)) as server:
        with pytest.raises(Invalid, match="404") as refused:
            await opener.check(_access(server), "probe.txt", "acme")
        with pytest.raises(PartUnavailable) as failed:
            await (await _opened(opener, server)).list_folder("x/")
    assert "hunter2" not in refused.value.message + failed.value.message


async def test_a_check_that_hangs_is_in_the_way_of_no_other_tenant(opener: S3Opener) -> None:
    goes_on = threading.Event()

    def answer(_: bytes) -> Iterator[bytes]:
        goes_on.wait(5)
        yield head("200 OK", "ETag: x", "Content-Length: 0", "Connection: close")

    with (
        hostile_server(answer) as slow,
        hostile_server(_answers(head("403 F", "Content-Length: 0"))) as quick,
    ):
        checks = [
            asyncio.create_task(opener.check(_access(slow), "probe.txt", f"tenant-{n}")) for n in range(8)
        ]
        while len(slow.requests) < len(checks):
            await asyncio.sleep(0.01)
        with pytest.raises(Invalid):
            await opener.check(_access(quick), "probe.txt", "acme")
        with pytest.raises(Conflict) as refused:
            await opener.check(_access(quick), "probe.txt", "tenant-1")
        assert refused.value.word == "storage_check_running"
        goes_on.set()
        for ended in await asyncio.gather(*checks, return_exceptions=True):
            assert isinstance(ended, Invalid)
            assert "does not return what was put" in ended.message
        with pytest.raises(Invalid):
            await opener.check(_access(quick), "probe.txt", "tenant-1")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            _answers(head("200 OK", f"Content-Length: {len(_ENDLESS_PAGES)}") + _ENDLESS_PAGES),
            PartUnavailable,
        ),
        (_answers(head("200 OK", "Content-Length: 3") + b"no "), PartUnavailable),
        (_answers(head("403 F", "Content-Length: 3") + b"\xff\xff\xff"), PartUnavailable),
    ],
    ids=["pages without an end", "no xml", "no text"],
)
async def test_a_list_ends(opener: S3Opener, answer: Answer, error: type[RtcError]) -> None:
    with hostile_server(answer) as server:
        with pytest.raises(error):
            await (await _opened(opener, server)).list_folder("x/")
        assert len(server.requests) <= 200


async def test_an_object_of_another_size_than_was_expected_is_not_read(opener: S3Opener) -> None:
    parts = [head("200 OK", "Content-Length: 1000000000000"), *([b"a" * 65536] * 1000)]
    with hostile_server(_answers(*parts)) as server:
        with pytest.raises(PartRefused, match="1000000000000 bytes, and not 5"):
            await (await _opened(opener, server)).sha256(Location("bucket", "x"), 5)
        assert server.sent_bytes < 1000 * 65536


async def test_what_a_store_says_is_cut_to_a_line(opener: S3Opener) -> None:
    said = b"<Error><Code>Odd</Code><Message>" + b"word\n" * 10_000 + b"</Message></Error>"
    with hostile_server(_answers(head("403 F", f"Content-Length: {len(said)}") + said)) as server:
        with pytest.raises(PartRefused) as refused:
            await (await _opened(opener, server)).sha256(Location("bucket", "x"))
        assert len(refused.value.message) < 400
        assert "\n" not in refused.value.message
