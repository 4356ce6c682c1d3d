"""Loopback is for a developer's own machine, and for nobody who is reached from elsewhere."""

from pathlib import Path

import pytest

from rtcstack.settings import load
from rtcstack.settings.reach import is_behind_proxy, may_reach_loopback


@pytest.mark.parametrize(
    ("environ", "may"),
    [
        ({}, True),
        ({"API__HOST": "localhost", "API__PUBLIC_URL": "http://127.0.0.1:8080"}, True),
        ({"EGRESS__API_URL": "http://[::1]:8080"}, True),
        ({"API__HOST": "0.0.0.0"}, False),
        ({"API__PUBLIC_URL": "https://rtc.example.com"}, False),
        ({"EGRESS__API_URL": "http://api:8080"}, False),
    ],
)
def test_loopback_may_be_reached(tmp_path: Path, environ: dict[str, str], may: bool) -> None:
    settings = load({f"RTCSTACK_{name}": value for name, value in environ.items()}, data=tmp_path)
    assert may_reach_loopback(settings) is may


@pytest.mark.parametrize(
    ("public_url", "is_behind"),
    [("", False), ("http://127.0.0.1:8080", False), ("https://video.example.org", True)],
)
def test_a_public_address_elsewhere_says_that_there_is_a_proxy(
    tmp_path: Path, public_url: str, is_behind: bool
) -> None:
    environ = {"RTCSTACK_API__PUBLIC_URL": public_url} if public_url else {}
    assert is_behind_proxy(load(environ, data=tmp_path)) is is_behind
