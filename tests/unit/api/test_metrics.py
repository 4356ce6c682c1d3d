"""Which calls count as this machine's own."""

from typing import Any

import pytest
from litestar import Request

from rtcstack.api.metrics import _is_local


def _request(client: str | None, host: str) -> Request[Any, Any, Any]:
    return Request(
        {  # type: ignore[arg-type]  # as much of a scope as is looked at
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": "/metrics",
            "query_string": b"",
            "root_path": "",
            "server": ("0.0.0.0", 8080),
            "client": (client, 1) if client else None,
            "headers": [(b"host", host.encode())],
            "state": {},
        }
    )


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "localhost", "[::1]:8080"])
def test_a_call_from_loopback_to_loopback_is(client: str, host: str) -> None:
    assert _is_local(_request(client, host))


@pytest.mark.parametrize(
    ("client", "host"),
    [
        ("172.18.0.5", "127.0.0.1:8080"),
        ("203.0.113.7", "localhost"),
        ("127.0.0.1", "video.example.org"),
        ("127.0.0.1", "localhost.example.org"),
        (None, "localhost"),
    ],
)
def test_any_other_is_not(client: str | None, host: str) -> None:
    assert not _is_local(_request(client, host))
