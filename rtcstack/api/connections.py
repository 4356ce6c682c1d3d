"""Connections of callers who are slow on purpose, or never come to an end: uvicorn itself sets them no bounds.

A request's head is a few kilobytes and arrives at once. Whoever holds it back, or goes on with it, would keep a descriptor
and memory for as long as they like.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MOST_HEAD_BYTES = 64 * 1024
_HEAD_S = 30.0
_BODY_S = 120.0
"""A body has a megabyte at most."""


class BoundedConnection(HttpToolsProtocol):
    """`http` of a uvicorn configuration. Closes what has not sent a whole head, or body, in time; answers 400 to a head over
    64 KiB.
    """

    head_s, body_s = _HEAD_S, _BODY_S
    _timer: asyncio.TimerHandle | None = None
    _head_bytes: int | None = 0
    """Of the head that is coming; None while none is."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._expect(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if (
                self._timer is None
            ):  # uvicorn waits no longer for the next request now, even if this is none yet
                self._expect(self.head_s)
        super().data_received(data)
        if (self._head_bytes or 0) > _MOST_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect(self.head_s)

    def on_headers_complete(self) -> None:
        size = sum(len(name) + len(value) for name, value in self.headers) + len(self.url)
        if size > _MOST_HEAD_BYTES:
            raise ValueError("the head is too large")  # which uvicorn answers with 400
        self._head_bytes = None
        self._expect(self.body_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        self._expect(None)
        super().on_message_complete()

    def _expect(self, within_s: float | None) -> None:
        """Close the connection unless what is expected comes in time; None: nothing is."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if within_s is None else self.loop.call_later(within_s, self.transport.close)
