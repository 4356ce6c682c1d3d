"""Answers of servers that are not ours, read within bounds of time and size: headers, bodies, and what stands between.

A timeout of a socket bounds one silence alone: a byte every few seconds holds a thread for years. And what is read to its
end may have none.
"""

import io
import socket
import time
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any, Final

from urllib3.exceptions import HTTPError

_LARGEST_HEAD_BYTES: Final = 256 * 1024
_LARGEST_UNTOLD_BYTES: Final = 10 * 1024 * 1024
"""What follows the headers of an answer that does not tell its length."""
_SLOWEST_BYTES_A_S: Final = 16 * 1024
PATIENCE_S: Final = 300.0
"""How long an answer may be waited for, besides what its bytes take: stores send blanks while they put a large object
together.
"""


class AnswerTooLarge(HTTPError):
    """There is more of the answer than any store sends."""


def responses(patience_s: float) -> Callable[..., HTTPResponse]:
    """Return what `http.client` makes its responses with."""

    def make(sock: socket.socket, *args: Any, **kwargs: Any) -> HTTPResponse:
        return _BoundedResponse(sock, patience_s, *args, **kwargs)

    return make


class _BoundedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, patience_s: float, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._source = _Source(self.fp.detach(), patience_s)
        self.fp = io.BufferedReader(self._source)

    def begin(self) -> None:
        super().begin()
        self._source.most_bytes += _LARGEST_UNTOLD_BYTES if self.length is None else self.length


class _Source(io.RawIOBase):
    """The socket's bytes, `most_bytes` of them. Only waiting counts as time: whoever reads slowly loses nothing by it.

    Raises `TimeoutError` and `AnswerTooLarge`.
    """

    def __init__(self, raw: io.RawIOBase, patience_s: float) -> None:
        self._raw, self._patience_s = raw, patience_s
        self._waited_s, self._received_bytes = 0.0, 0
        self.most_bytes = _LARGEST_HEAD_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._waited_s > self._patience_s + self._received_bytes / _SLOWEST_BYTES_A_S:
            raise TimeoutError("the answer comes too slowly")
        if self._received_bytes > self.most_bytes:
            raise AnswerTooLarge(f"it goes on after {self._received_bytes} bytes")
        begun = time.monotonic()
        count = self._raw.readinto(buffer)
        self._waited_s += time.monotonic() - begun
        self._received_bytes += count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
