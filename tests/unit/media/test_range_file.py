"""Against a small server of ranges of our own, on loopback."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.guarded_pool import guarded_pool
from rtcstack.errors import ObjectNotFound, PartRefused, PartUnavailable
from rtcstack.media import range_file
from rtcstack.media.fetch import IndexMismatch, Link
from rtcstack.media.range_file import ByteRange, RangeFile, Resident
from tests.support.range_server import RangeServer, serving

_MIB = 1024 * 1024
_CONTENT = bytes(range(251)) * (10 * _MIB // 251)


@contextmanager
def _linked(server: RangeServer) -> Iterator[Link]:
    timeout = urllib3.Timeout(connect=2, read=2)
    pool = guarded_pool(AddressGuard(allow_loopback=True), timeout=timeout, maxsize=1)
    yield Link(pool, server.url)
    pool.clear()


@pytest.fixture
def server() -> Iterator[RangeServer]:
    with serving(_CONTENT) as found:
        yield found


@pytest.fixture
def link(server: RangeServer) -> Iterator[Link]:
    with _linked(server) as found:
        yield found


def test_a_range_is_asked_for_with_both_ends_and_counted(server: RangeServer, link: Link) -> None:
    assert link.read_range(5, 9) == _CONTENT[5:9]
    assert (server.asked, link.bytes_read, link.size_bytes) == ([(5, 9)], 4, len(_CONTENT))


def test_behind_the_end_there_is_nothing(link: Link) -> None:
    assert link.read_range(len(_CONTENT) - 2, len(_CONTENT) + 9) == _CONTENT[-2:]
    assert link.read_range(len(_CONTENT), len(_CONTENT) + 9) == b""


@pytest.mark.parametrize("trouble", [0, 500, 503])
def test_passing_trouble_is_tried_again(server: RangeServer, link: Link, trouble: int) -> None:
    server.answers = [trouble]
    assert link.read_range(0, 3) == _CONTENT[:3]


def test_lasting_trouble_is_told_without_the_link(server: RangeServer, link: Link) -> None:
    server.answers = [0, 503, 0]
    with pytest.raises(PartUnavailable) as raised:
        link.read_range(0, 3)
    assert "canary" not in raised.value.message


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            403,
            b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            PartRefused,
            "expired",
        ),
        (403, b"<Error><Code>AccessDenied</Code></Error>", PartRefused, "AccessDenied"),
        (400, b"\xff", PartRefused, "400"),
        (404, b"", ObjectNotFound, "no such object"),
        (302, b"", PartRefused, "302"),
        (200, _CONTENT[:9], PartRefused, "ranges"),
    ],
)
def test_a_refusal_is_told_in_the_store_s_words(
    server: RangeServer, link: Link, status: int, body: bytes, kind: type[PartRefused], words: str
) -> None:
    server.answers, server.refusal = [status], body
    with pytest.raises(kind, match=words):
        link.read_range(0, 3)


def test_an_object_that_is_replaced_meanwhile_is_noticed(server: RangeServer, link: Link) -> None:
    link.read_range(0, 3)
    server.etag = '"2"'
    with pytest.raises(PartRefused, match="replaced"):
        link.read_range(3, 6)


def test_an_index_of_another_object_is_noticed_with_the_first_read(link: Link) -> None:
    link.expect(len(_CONTENT) - 1)
    with pytest.raises(IndexMismatch):
        link.read_range(0, 3)


def test_a_private_address_is_refused(server: RangeServer) -> None:
    pool = guarded_pool(AddressGuard(), timeout=urllib3.Timeout(connect=2, read=2), maxsize=1)
    with pytest.raises(PartRefused, match=r"127\.0\.0\.1") as raised:
        Link(pool, server.url).read_range(0, 3)
    assert raised.value.word == "address_refused"
    assert server.asked == []


def _read(file: RangeFile, begin: int, end: int) -> bytes:
    file.seek(begin)
    got = b""
    while len(got) < end - begin and (more := file.read(end - begin - len(got))):
        got += more
    return got


def test_planned_ranges_are_fetched_once_in_windows_and_nothing_beyond(
    server: RangeServer, link: Link
) -> None:
    file = RangeFile(link, len(_CONTENT), [Resident(0, _CONTENT[:100])])
    file.plan([ByteRange(1000, 2000), ByteRange(3 * _MIB, 8 * _MIB)])
    assert _read(file, 1000, 2000) == _CONTENT[1000:2000]
    assert _read(file, 4 * _MIB, 8 * _MIB) == _CONTENT[4 * _MIB : 8 * _MIB]
    assert _read(file, 3 * _MIB, 3 * _MIB + 9) == _CONTENT[3 * _MIB : 3 * _MIB + 9]
    assert server.asked == [(1000, 2000), (3 * _MIB, 7 * _MIB), (7 * _MIB, 8 * _MIB)]
    assert link.bytes_read == 1000 + 5 * _MIB


def test_what_is_resident_is_not_asked_for(server: RangeServer, link: Link) -> None:
    end = len(_CONTENT)
    file = RangeFile(link, end, [Resident(0, _CONTENT[:100]), Resident(end - 50, _CONTENT[-50:])])
    assert file.read(200) == _CONTENT[:100]
    assert file.seek(-50, io.SEEK_END) == end - 50
    assert file.read(99) == _CONTENT[-50:]
    assert server.asked == []


def test_without_a_plan_reading_on_takes_larger_and_larger_blocks(server: RangeServer, link: Link) -> None:
    file = RangeFile(link, len(_CONTENT))
    assert _read(file, 0, len(_CONTENT) + 5) == _CONTENT
    sizes = [end - begin for begin, end in server.asked]
    assert sizes[:3] == [_MIB // 32, _MIB // 16, _MIB // 8]
    assert max(sizes) == range_file.WINDOW_BYTES
    assert link.bytes_read == len(_CONTENT)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(_CONTENT)), st.integers(1, 100_000)), max_size=12))
def test_it_reads_what_is_there_wherever_one_looks(places: list[tuple[int, int]]) -> None:
    with serving(_CONTENT) as server, _linked(server) as link:
        file = RangeFile(link, len(_CONTENT))
        for begin, size in places:
            assert _read(file, begin, begin + size) == _CONTENT[begin : begin + size]
