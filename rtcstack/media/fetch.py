"""Closed ranges of an object over HTTP: nothing is asked for that was not wanted, and every byte is counted."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError

from rtcstack.adapters.http.guard import AddressRefused
from rtcstack.errors import ObjectNotFound, PartRefused, PartUnavailable

PART: Final = "storage"
_TRIES: Final = 3
_PAUSE_S: Final = 0.3
_WHOLE, _PARTIAL, _MISSING, _NO_SUCH_RANGE = 200, 206, 404, 416
_PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})
_WORDS: Final = re.compile(r"<(Code|Message)>([^<]{1,300})</")
_LARGEST_REFUSAL_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class IndexMismatch(PartRefused):
    """The sidecar describes another object than the one that the link leads to."""

    code = "index_mismatch"


class Link:
    """A presigned link for GET.

    Every read raises `PartUnavailable` after a few tries, `ObjectNotFound`, or `PartRefused` with the store's words.
    No message carries the link: whoever has it may read the object.
    """

    def __init__(self, pool: urllib3.PoolManager, url: str) -> None:
        self._pool = pool
        self._url = url
        self._etag: str | None = None
        self._expected_bytes: int | None = None
        self.bytes_read = 0
        self.size_bytes: int | None = None
        """The object's size, known after the first read."""

    def expect(self, size_bytes: int) -> None:
        """Have the first read raise `IndexMismatch` if the object's size is another."""
        self._expected_bytes = size_bytes

    def read_range(self, begin: int, end: int) -> bytes:
        """Return the bytes from `begin` up to, without, `end`; fewer where the object ends."""
        for attempt in range(1, _TRIES + 1):
            try:
                reply = self._ask(begin, end)
                break
            except PartUnavailable:
                if attempt == _TRIES:
                    raise
                time.sleep(_PAUSE_S * attempt)
        if reply.status == _NO_SUCH_RANGE:
            return b""
        if reply.status != _PARTIAL:
            raise _refusal(reply)
        self._learn(reply)
        return reply.body

    def read_all(self, largest_bytes: int) -> bytes:
        """Return the whole object. Raises `PartRefused` if it is larger than `largest_bytes`."""
        data = self.read_range(0, largest_bytes)
        if self.size_bytes is not None and self.size_bytes > largest_bytes:
            raise PartRefused(f"The object has {self.size_bytes} bytes instead of a few.", part=PART)
        return data

    def _learn(self, reply: _Reply) -> None:
        total = reply.headers.get("Content-Range", "").rpartition("/")[2]
        size_bytes, etag = int(total) if total.isdigit() else None, reply.headers.get("ETag")
        if self.size_bytes is not None and (size_bytes, etag) != (self.size_bytes, self._etag):
            raise PartRefused("The object was replaced while it was read.", part=PART, code="object_changed")
        if self._expected_bytes not in {None, size_bytes}:
            raise IndexMismatch(f"The index is not of this object, which has {size_bytes} bytes.", part=PART)
        self.size_bytes, self._etag = size_bytes, etag

    def _ask(self, begin: int, end: int) -> _Reply:
        try:
            reply = self._request(begin, end)
        except AddressRefused as e:
            raise PartRefused(str(e), part=PART, code="address_refused") from None
        except LocationValueError:
            raise PartRefused("The link to the object is no URL.", part=PART) from None
        except (HTTPError, OSError) as e:  # their texts carry the link
            raise PartUnavailable(
                f"The object store cannot be read from: {type(e).__name__}.", part=PART
            ) from None
        if reply.status in _PASSING:
            raise PartUnavailable(f"The object store answered {reply.status}.", part=PART)
        return reply

    def _request(self, begin: int, end: int) -> _Reply:
        headers = {"Range": f"bytes={begin}-{end - 1}"}
        answer = self._pool.request("GET", self._url, headers=headers, preload_content=False)
        try:
            # A server that does not know ranges would send everything.
            most = end - begin if answer.status == _PARTIAL else _LARGEST_REFUSAL_BYTES
            body = answer.read(most, decode_content=False)
            self.bytes_read += len(body)
        finally:
            answer.release_conn() if answer.status == _PARTIAL else answer.close()
        return _Reply(answer.status, answer.headers, body)


def _refusal(reply: _Reply) -> PartRefused:
    words = dict(_WORDS.findall(reply.body.decode("utf-8", "replace")))
    said = words.get("Message") or words.get("Code")
    if reply.status == _MISSING:
        return ObjectNotFound("The object store has no such object.", part=PART)
    if reply.status == _WHOLE:
        return PartRefused("The object store does not serve ranges of an object.", part=PART)
    text = f"The object store refused with {reply.status}" + (f": {said}" if said else "")
    return PartRefused(text.removesuffix(".") + ".", part=PART)
