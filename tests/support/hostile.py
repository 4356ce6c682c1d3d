"""A server that answers as no store does: without an end, byte by byte, or not at all."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[bytes], Iterator[bytes]]
"""What is sent, bit by bit, for a request's headers. It is over when nobody listens any more."""

_POLL_S = 0.02


class HostileServer:
    """`requests` are the headers of those that came. `read` does what is to be done before the answer."""

    def __init__(self, answer: Answer, read: Callable[[socket.socket], None]) -> None:
        self._answer, self._read = answer, read
        self.requests: list[bytes] = []
        self.sent_bytes = 0
        self.ending = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_POLL_S)
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._threads[0].start()

    def stop(self) -> None:
        self.ending.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self.ending.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            self.requests.append(head)
            self._read(connection)
            for part in self._answer(head):
                if self.ending.is_set():
                    return
                connection.sendall(part)
                self.sent_bytes += len(part)


@contextmanager
def hostile_server(
    answer: Answer, read: Callable[[socket.socket], None] = lambda _: None
) -> Iterator[HostileServer]:
    server = HostileServer(answer, read)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def head(status: str, *lines: str) -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", "Content-Type: application/xml", *lines, "", "")).encode()
