"""What is sent again, what is not, and what a caller gets of it; against a server that answers what a test tells it to."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from rtcstack.client import Client, RtcstackError
from tests.integration.client.scripted import Answer, Scripted, scripted

_NOW = {"retry-after": "0"}
_TOKEN = json.dumps(
    {"token": "eyJ", "url": "ws://localhost:7880", "expiresAt": "2024-04-21T15:59:00.000Z"}
).encode()
_ROOMS = Answer(200, b"[]")


def _refusal(status: int, code: str, **headers: str) -> Answer:
    detail: dict[str, Any] = {"code": code, "message": "Not now.", "request_id": "req_1"}
    return Answer(status, json.dumps({"error": {**detail, "details": {"part": "livekit"}}}).encode(), headers)


def _keys(server: Scripted) -> set[str]:
    return {headers["idempotency-key"] for _, _, headers in server.asked}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_call_that_may_come_again_is_sent_until_it_is_answered(status: int) -> None:
    with scripted(Answer(status, headers=_NOW), Answer(status, headers=_NOW), _ROOMS) as server:
        async with Client(server.url, "key") as client:
            assert await client.rooms.list() == []
    assert [(method, path) for method, path, _ in server.asked] == [("GET", "/v1/rooms")] * 3
    assert {headers["authorization"] for _, _, headers in server.asked} == {"Bearer key"}


def test_without_await_it_is_the_same_and_a_post_keeps_its_key() -> None:
    answers = (Answer(0), _refusal(503, "unavailable", **_NOW), Answer(200, _TOKEN))
    with scripted(*answers) as server, Client(server.url, "key") as client:
        assert client.rooms.token("room-abc", "ada").execute().token == "eyJ"
    assert len(server.asked) == 3
    assert len(_keys(server)) == 1


def test_two_calls_have_two_keys_unless_the_caller_gives_one() -> None:
    with scripted(*[Answer(200, _TOKEN)] * 3) as server, Client(server.url) as client:
        client.rooms.token("room-abc", "ada").execute()
        client.rooms.token("room-abc", "ada").execute()
        client.rooms.token("room-abc", "ada").once_as("order-7").execute()
    assert len(_keys(server)) == 3
    assert server.asked[2][2]["idempotency-key"] == "order-7"


async def test_a_call_that_is_still_being_done_is_asked_for_again() -> None:
    first = _refusal(409, "idempotency_in_progress", **_NOW)
    with scripted(first, Answer(200, _TOKEN)) as server:
        async with Client(server.url) as client:
            assert (await client.rooms.token("room-abc", "ada")).token == "eyJ"


@pytest.mark.parametrize(
    ("status", "code"), [(400, "invalid_request"), (404, "room_not_found"), (507, "disk_full")]
)
async def test_what_stays_refused_is_raised_at_once_with_all_that_the_server_says(
    status: int, code: str
) -> None:
    with scripted(_refusal(status, code)) as server:
        async with Client(server.url) as client:
            with pytest.raises(RtcstackError, match="Not now") as raised:
                await client.rooms.get("room-abc")
    error = raised.value
    assert (error.status, error.code, error.message) == (status, code, "Not now.")
    assert (error.details, error.request_id, error.retry_after_s) == ({"part": "livekit"}, "req_1", None)
    assert str(error) == f"{code}: Not now. (HTTP {status}, req_1)"


async def test_after_the_last_try_the_servers_words_are_raised() -> None:
    with scripted(*[_refusal(503, "capacity", **_NOW)] * 2) as server:
        async with Client(server.url, retries=1) as client:
            with pytest.raises(RtcstackError) as raised:
                await client.rooms.start_recording("room-abc")
    assert (raised.value.code, raised.value.retry_after_s) == ("capacity", 0)


@pytest.mark.parametrize("in_words", [False, True])
async def test_who_asks_for_a_long_wait_is_not_waited_for(in_words: bool) -> None:
    at = datetime.now(tz=UTC) + timedelta(hours=1)  # noqa: TID251  # the server's own clock
    with scripted(
        _refusal(429, "rate_limited", **{"retry-after": format_datetime(at) if in_words else "3600"})
    ) as server:
        async with Client(server.url) as client:
            with pytest.raises(RtcstackError) as raised:
                await client.rooms.list()
    assert 3500 < (raised.value.retry_after_s or 0) <= 3600


@pytest.mark.parametrize(
    "answer", [Answer(0), Answer(500, b"<html>"), Answer(200, b"<html>"), Answer(200, b'[{"roomId": 1}]')]
)
async def test_what_no_api_would_answer_is_the_same_error(answer: Answer) -> None:
    with scripted(answer) as server:
        async with Client(server.url, retries=0) as client:
            with pytest.raises(RtcstackError) as raised:
                await client.rooms.list()
    assert raised.value.code in {"no_answer", "http_500", "unreadable_answer"}


async def test_an_answer_that_cannot_be_decoded_is_the_same_error_and_not_asked_for_again() -> None:
    with scripted(Answer(200, b"no gzip", {"content-encoding": "gzip"})) as server:
        async with Client(server.url) as client:
            with pytest.raises(RtcstackError) as raised:
                await client.rooms.list()
    assert (raised.value.status, raised.value.code) == (None, "unreadable_answer")
    assert len(server.asked) == 1


async def test_an_address_that_has_moved_is_told() -> None:
    with scripted(Answer(308, b"moved", {"location": "https://b.example/v1/rooms"})) as server:
        async with Client(server.url) as client:
            with pytest.raises(RtcstackError, match=r"moved to https://b\.example/v1/rooms") as raised:
                await client.rooms.list()
    assert raised.value.code == "http_308"


async def test_unready_is_an_answer() -> None:
    told = json.dumps({"status": "unready", "parts": {"redis": "does not answer"}, "disk": "ok"}).encode()
    with scripted(Answer(503, told, {"retry-after": "2"})) as server:
        async with Client(server.url) as client:
            assert (await client.system.ready()).parts == {"redis": "does not answer"}
