"""LiveKit's room service when it does not do what is asked of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rtcstack.egress.dispatcher.room_service import RoomService
from rtcstack.errors import PartUnavailable
from rtcstack.settings import LiveKit
from tests.support.ports import free_port


@contextmanager
def _answering(status: int, body: bytes) -> Iterator[int]:
    """A server that gives every request that answer; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _service(port: int) -> RoomService:
    return RoomService(LiveKit(port=port), timeout_s=20)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (503, b'{"code":"unavailable","msg":"not now"}', "answers 503: .*not now"),
        (200, b"\xff\xff\xff", "cannot be read"),
    ],
)
async def test_a_wrong_answer_is_none(status: int, body: bytes, words: str) -> None:
    with _answering(status, body) as port, pytest.raises(PartUnavailable, match=words):
        await _service(port).rooms("room")


async def test_nobody_there() -> None:
    with pytest.raises(PartUnavailable, match="LiveKit does not answer"):
        await _service(free_port()).participants("room")


async def test_nobody_in_the_room() -> None:
    with _answering(200, b"") as port:
        assert await _service(port).participants("room") == []
