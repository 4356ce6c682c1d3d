"""Objects in classes that cannot be read: what S3's own headers say of them, served by a small server (HeadObject)."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rtcstack.adapters.s3.store import S3Storage

_EXPIRES = 'expiry-date="Fri, 21 Dec 2026 00:00:00 GMT"'


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    told: dict[str, str]
    """The headers that it says of every object."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_HEAD(self) -> None:
        self.send_response(200)
        for name, value in {"Content-Length": "1000", "ETag": '"1"', **self.server.told}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        del format, args


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield running
        finally:
            running.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("storage_class", "restore", "is_frozen"),
    [
        (None, None, False),
        ("STANDARD_IA", None, False),
        ("GLACIER", None, True),
        ("DEEP_ARCHIVE", 'ongoing-request="true"', True),
        ("GLACIER", f'ongoing-request="false", {_EXPIRES}', False),
        ("DEEP_ARCHIVE", f'ongoing-request="false", {_EXPIRES}', False),
    ],
)
async def test_what_was_brought_back_can_be_read(
    server: _Server, storage_class: str | None, restore: str | None, is_frozen: bool
) -> None:
    headers = {"x-amz-storage-class": storage_class, "x-amz-restore": restore}
    server.told = {name: value for name, value in headers.items() if value}
    url = f"http://127.0.0.1:{server.server_port}"
    storage = S3Storage(
        url=url,
        public_url=url,
        bucket="films",
        access_key="A",
        secret_key="S",
        region="us-east-1",
    )
    try:
        assert (await storage.stat("room/a.mp4")).is_frozen is is_frozen
    finally:
        await storage.close()
