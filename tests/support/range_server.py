"""A small server of ranges that keeps what it was asked for, and that refuses or fails when told to."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class RangeServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.etag = '"1"'
        self.asked: list[tuple[int, int]] = []
        """Ranges as first byte and the one behind the last."""
        self.answers: list[int] = []
        """Statuses to give instead, each once, in order; 0 hangs up."""
        self.refusal = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/object?X-Amz-Signature=canary"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RangeServer

    def do_GET(self) -> None:
        if self.server.answers and (status := self.server.answers.pop(0)) != 206:
            if status:
                self._answer(status, self.server.refusal)
            self.close_connection = not status
            return
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"] or "")
        assert asked, "no closed range"
        begin, end = int(asked[1]), int(asked[2]) + 1
        self.server.asked.append((begin, end))
        total = len(self.server.content)
        if begin >= total:
            self._answer(416, b"")
        else:
            sent = f"bytes {begin}-{min(end, total) - 1}/{total}"
            self._answer(
                206, self.server.content[begin:end], {"Content-Range": sent, "ETag": self.server.etag}
            )

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        del format, args


@contextmanager
def serving(content: bytes) -> Iterator[RangeServer]:
    with RangeServer(content) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
