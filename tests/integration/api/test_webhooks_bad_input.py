"""What cannot be an endpoint, a filter, a page or a range is refused by name."""

from typing import Any

import pytest

from tests.integration.api.conftest import Api
from tests.integration.api.test_bad_input import code_of

_HOOKS = "/v1/webhooks"
_URL = "http://127.0.0.1:9/hook"
_UNKNOWN = "evt_01j9x2kp3n8fxrqk4m2b"
_SINCE = "2025-01-01T00:00:00Z"


async def _endpoint(api: Api) -> str:
    made = await api.http.post(_HOOKS, json={"url": _URL})
    return f"{_HOOKS}/{made.raise_for_status().json()['id']}"


def _fields(answer: Any) -> list[str]:
    return [fault["field"] for fault in answer.json()["error"]["details"]["fields"]]


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "x", "ftp://a.example/", "https://u:p@a.example/", "https://a.example/#f", "https://a.example/" + "x" * 10_240,
        "http://10.0.0.1/", "http://192.168.1.1:8080/", "http://169.254.169.254/latest/meta-data", "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/", "http://[fe80::1%25eth0]/", "http://167772161/", "http://0xa000001/",
        "http://100.64.0.1/", "http://a.example\\@10.0.0.1/", "http://a b/",
    ],
)  # fmt: skip
async def test_addresses_are_refused_when_registered_and_when_changed(api: Api, url: str) -> None:
    path = await _endpoint(api)
    for answer in (
        await api.http.post(_HOOKS, json={"url": url}),
        await api.http.patch(path, json={"url": url}),
    ):
        assert code_of(answer, 400) == "invalid_webhook_url"
        assert _fields(answer) == ["url"]
    assert (await api.http.get(path)).json()["url"] == _URL


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"events": ["egress_endet"]}, "unknown_event", "events"),
        ({"events": [""]}, "unknown_event", "events"),
        ({"events": ["x" * 10_240]}, "unknown_event", "events"),
        ({"events": "egress_ended"}, "invalid_request", "events"),
        ({"events": [None]}, "invalid_request", "events[0]"),
        ({"room_ids": ["../etc"]}, "invalid_room_id", "room_ids"),
        ({"room_ids": ["other:r"]}, "invalid_room_id", "room_ids"),
        ({"room_ids": [f"r{n}" for n in range(101)]}, "invalid_request", "room_ids"),
        ({"secret": "whsec_mine"}, "invalid_request", "secret"),
        ({"status": "active"}, "invalid_request", "status"),
        ({"url": 5}, "invalid_request", "url"),
    ],
)
async def test_fields_are_held_to_what_they_mean(
    api: Api, body: dict[str, Any], code: str, field: str
) -> None:
    path = await _endpoint(api)
    for answer in (
        await api.http.post(_HOOKS, json={"url": _URL, **body}),
        await api.http.patch(path, json=body),
    ):
        assert code_of(answer, 400) == code
        assert _fields(answer) == [field]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"paused": "true"}, "paused"),
        ({"paused": 1}, "paused"),
        ({"id": "whk_x"}, "id"),
        ({"tenant_id": "acme"}, "tenant_id"),
    ],
)
async def test_a_change_changes_only_what_may_change(api: Api, body: dict[str, Any], field: str) -> None:
    path = await _endpoint(api)
    before = (await api.http.get(path)).json()
    answer = await api.http.patch(path, json=body)
    assert code_of(answer, 400) == "invalid_request"
    assert _fields(answer) == [field]
    assert (await api.http.get(path)).json() == before


async def test_empty_filters_mean_everything(api: Api) -> None:
    made = await api.http.post(_HOOKS, json={"url": _URL, "events": [], "room_ids": []})
    assert (made.json()["events"], made.json()["room_ids"]) == ([], [])
    changed = await api.http.patch(f"{_HOOKS}/{made.json()['id']}", json={})
    assert changed.status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "event_id"),
        ({"until": _SINCE}, "event_id"),
        ({"include_delivered": True}, "event_id"),
        ({"event_id": _UNKNOWN, "since": _SINCE}, "event_id"),
        ({"event_id": _UNKNOWN, "until": _SINCE}, "event_id"),
        ({"event_id": _UNKNOWN, "include_delivered": True}, "event_id"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2025-01-01"}, "since"),
        ({"since": "2025-01-01T00:00:00"}, "since"),
        ({"since": 1735689600}, "since"),
        ({"since": _SINCE, "until": "2024-01-01T00:00:00Z"}, "since"),
        ({"since": "9999-12-31T23:59:59Z"}, "since"),
    ],
)
async def test_ranges_that_cannot_be_are_refused(api: Api, body: dict[str, Any], field: str) -> None:
    answer = await api.http.post(f"{await _endpoint(api)}/replay", json=body)
    assert code_of(answer, 400) == "invalid_request"
    assert _fields(answer) == [field]


async def test_the_longest_range_there_is_is_done(api: Api) -> None:
    await api.http.post("/v1/halls", json={"name": "h"})
    body = {"since": "0001-01-01T00:00:00+14:00", "until": "9999-12-31T23:59:59-14:00"}
    answer = await api.http.post(f"{await _endpoint(api)}/replay", json=body)
    assert (answer.status_code, answer.json()) == (202, {"queued": 1, "next_after": None})


async def test_an_event_that_is_unknown_or_anothers_cannot_be_sent_again(api: Api) -> None:
    acme = await api.key("acme")
    await api.http.post("/v1/halls", json={"name": "theirs"}, headers=acme)
    [theirs] = (await api.http.get("/v1/events", headers=acme)).json()["data"]
    path = await _endpoint(api)
    for event_id in (_UNKNOWN, theirs["id"], "", "x" * 10_240, "evt_\0"):
        for body in ({"event_id": event_id}, {"after": event_id}):
            answer = await api.http.post(f"{path}/replay", json=body)
            assert code_of(answer, 404) == "event_not_found"
            assert len(answer.json()["error"]["message"]) < 250
        answer = await api.http.get("/v1/events", params={"after": event_id})
        assert code_of(answer, 400) == "invalid_cursor"
    assert (await api.http.get("/v1/events")).json()["data"] == []


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("/v1/events", {"limit": "0"}, "limit"),
        ("/v1/events", {"limit": "-1"}, "limit"),
        ("/v1/events", {"limit": "1e2"}, "limit"),
        ("/v1/events", {"limit": "ten"}, "limit"),
        ("/v1/events", {"types": "nonsense"}, "types"),
        ("/v1/events", {"types": ["hall.closed", "nonsense"]}, "types"),
        ("deliveries", {"limit": "0"}, "limit"),
        ("deliveries", {"limit": "1.0"}, "limit"),
        ("deliveries", {"status": "done"}, "status"),
        ("deliveries", {"cursor": "%00"}, "cursor"),
        ("deliveries", {"cursor": "x" * 5000}, "cursor"),
    ],
)
async def test_pages_that_cannot_be_are_refused(
    api: Api, path: str, params: dict[str, Any], field: str
) -> None:
    where = path if path.startswith("/") else f"{await _endpoint(api)}/{path}"
    answer = await api.http.get(where, params=params)
    code_of(answer, 400)
    assert _fields(answer) == [field]


async def test_a_limit_above_the_most_is_the_most(api: Api) -> None:
    for path in ("/v1/events", f"{await _endpoint(api)}/deliveries"):
        answer = await api.http.get(path, params={"limit": "100000000000000000000"})
        assert answer.status_code == 200, answer.text
