"""What a call is before it is sent, and what importing the client brings along."""

import subprocess
import sys

import msgspec
import pytest

from rtcstack.client import Client

_HEAVY = (
    "litestar",
    "uvicorn",
    "aiohttp",
    "aiosqlite",
    "av",
    "livekit",
    "minio",
    "numpy",
    "redis",
    "pydantic",
)


def test_a_call_that_is_dropped_says_so() -> None:
    with pytest.warns(RuntimeWarning, match="POST /v1/rooms was never sent"):
        Client("http://127.0.0.1:9").rooms.create("room-abc")


def test_what_is_none_is_left_out_and_names_are_the_documents() -> None:
    client = Client("http://127.0.0.1:9")
    with pytest.warns(RuntimeWarning):
        content = client.rooms.create("room-abc", max_participants=3).request.content
    assert content is not None
    assert msgspec.json.decode(content) == {"roomId": "room-abc", "maxParticipants": 3}


def test_a_name_in_a_path_is_quoted() -> None:
    client = Client("http://127.0.0.1:9")
    with pytest.warns(RuntimeWarning):
        url = client.rooms.remove_participant("room-abc", "a/b ä?").request.url
    assert url == "/v1/rooms/room-abc/participants/a%2Fb%20%C3%A4%3F"


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:9", "localhost:8080", "ftp://a.example", "http://", "http://a:x", "/v1"]
)
def test_what_is_no_address_of_a_server_is_said_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        Client(url)


@pytest.mark.parametrize("key", ["rtc_live_a\n", "rtc_live_\r", "rtc_live_ä"])
def test_a_key_that_cannot_be_sent_is_said_at_once_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="line break") as raised:
        Client("http://127.0.0.1:9", key)
    assert "rtc_live" not in str(raised.value)


def test_importing_the_client_brings_nothing_of_the_server() -> None:
    told = "import sys, rtcstack.client; print(*{name.split('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert set(ran.stdout.split()) & set(_HEAVY) == set()
    assert {"httpx", "msgspec"} <= set(ran.stdout.split())
