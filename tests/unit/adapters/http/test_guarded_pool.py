"""A small server of our own on loopback stands for an address inside."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network

import pytest
import urllib3

from rtcstack.adapters.http.guard import AddressGuard, AddressRefused
from rtcstack.adapters.http.guarded_pool import guarded_pool
from tests.support.ports import free_port


class _Server(HTTPServer):
    connections = 0

    def verify_request(self, request: object, client_address: object) -> bool:
        del request, client_address
        self.connections += 1
        return True


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        moved = self.path == "/moved"
        self.send_response(302 if moved else 200)
        if moved:
            self.send_header("Location", "/here")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        del format, args


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Answer) as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def _pool(guard: AddressGuard) -> urllib3.PoolManager:
    return guarded_pool(guard, timeout=urllib3.Timeout(connect=2, read=2), maxsize=2)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_refused_address_is_never_connected_to(server: _Server, host: str, scheme: str) -> None:
    with pytest.raises(AddressRefused, match=host):
        _pool(AddressGuard()).request("GET", f"{scheme}://{host}:{server.server_port}/here", retries=3)
    assert server.connections == 0


def test_a_name_that_answers_differently_the_second_time_is_looked_up_once(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer is allowed, the second would not be: what was checked is what is connected to."""
    answers = iter(["127.0.0.2", "127.0.0.1"])

    def look_up(host: str, port: int, *args: object, **kwargs: object) -> list[tuple[object, ...]]:
        del args, kwargs
        address = next(answers) if host == "rebound.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    pool = _pool(AddressGuard([ip_network("127.0.0.2/32")]))
    with pytest.raises(urllib3.exceptions.NewConnectionError):  # nobody listens there
        pool.request("GET", f"http://rebound.example:{server.server_port}/here")
    with pytest.raises(AddressRefused):
        pool.request("GET", f"http://rebound.example:{server.server_port}/here")
    assert server.connections == 0


def test_of_several_addresses_only_the_allowed_are_tried(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(host: str, port: int, *args: object, **kwargs: object) -> list[tuple[object, ...]]:
        del args, kwargs
        found = ["10.0.0.1", "::ffff:10.0.0.1", "127.0.0.1"] if host == "mixed.example" else [host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    pool = _pool(AddressGuard(allow_loopback=True))
    assert pool.request("GET", f"http://mixed.example:{server.server_port}/here").status == 200
    pool.clear()


def test_what_the_operator_allows_is_connected_to(server: _Server) -> None:
    pool = _pool(AddressGuard(allow_loopback=True))
    assert pool.request("GET", f"http://localhost:{server.server_port}/here").status == 200
    pool.clear()


def test_a_redirect_is_returned_and_not_followed(server: _Server) -> None:
    pool = _pool(AddressGuard(allow_loopback=True))
    assert pool.request("GET", f"http://127.0.0.1:{server.server_port}/moved", redirect=True).status == 302
    pool.clear()
    assert server.connections == 1


def test_an_address_where_nobody_listens_fails_as_usual() -> None:
    pool = _pool(AddressGuard(allow_loopback=True))
    with pytest.raises(urllib3.exceptions.NewConnectionError):
        pool.request("GET", f"http://127.0.0.1:{free_port()}/here")


def test_a_name_that_does_not_exist_fails_as_usual() -> None:
    with pytest.raises(urllib3.exceptions.NameResolutionError):
        _pool(AddressGuard()).request("GET", "http://nowhere.invalid/")
