"""What callers of the halls surface do wrong: every field in type, range and size; ids; metadata nested deep."""

from typing import Any

import pytest

from rtcstack.domain.api_key import Scope
from tests.integration.api.conftest import Api

_HALLS = "/v1/halls"


def _refused(answer: Any, status: int = 400) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return dict(answer.json()["error"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", ""),
        ("name", 7),
        ("name", "x" * 257),
        ("max_participants", 0),
        ("max_participants", -1),
        ("max_participants", 4_294_967_296),
        ("max_participants", 1.5),
        ("max_participants", "ten"),
        ("max_participants", None),
        ("record", "yes"),
        ("moderation", None),
        ("moderation_action", "delete"),
        ("moderation_action", None),
        ("metadata", []),
        ("metadata", "{}"),
        ("metadata", None),
        ("metadata", {"k": "x" * 16 * 1024}),
        ("colour", "red"),
    ],
)
async def test_each_wrong_field_is_named(api: Api, field: str, value: object) -> None:
    error = _refused(await api.http.post(_HALLS, json={"name": "h", field: value}))
    assert field in str(error)
    assert await api.count("rooms") == 0


async def test_metadata_nested_100_deep_is_taken_and_given_back(api: Api) -> None:
    metadata: dict[str, Any] = {}
    for _ in range(99):
        metadata = {"a": metadata}
    made = await api.http.post(_HALLS, json={"name": "h", "metadata": metadata})
    assert made.status_code == 201
    shown = (await api.http.get(f"{_HALLS}/{made.json()['hall_id']}")).json()
    assert shown["metadata"] == metadata


@pytest.mark.parametrize("depth", [600, 2_000, 100_000])
@pytest.mark.parametrize("path", [_HALLS, "/v1/rooms"])
async def test_what_is_nested_deeper_than_readers_can_is_400(api: Api, depth: int, path: str) -> None:
    body = '{"name": "h", "metadata": ' + '{"a":' * depth + "1" + "}" * depth + "}"
    answer = await api.http.post(path, content=body, headers={"content-type": "application/json"})
    assert "deep" in _refused(answer)["message"]


@pytest.mark.parametrize("status", ["open", "ACTIVE", "", "active,closed"])
async def test_an_unknown_status_is_400(api: Api, status: str) -> None:
    error = _refused(await api.http.get(_HALLS, params={"status": status}))
    assert "status" in str(error)


@pytest.mark.parametrize("hall_id", ["h_unknown", "h" * 10_000, "%2e%2e", "a b", "ä", "h_%00"])
async def test_an_id_that_is_none_is_404(api: Api, hall_id: str) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/recordings")):
        error = _refused(await api.http.request(method, f"{_HALLS}/{hall_id}{path}"), 404)
        assert error["code"] == "hall_not_found"
    error = _refused(await api.http.get(f"/v1/recordings/{hall_id}"), 404)
    assert error["code"] == "recording_not_found"


async def test_a_room_is_no_hall(api: Api) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "plain"})
    assert _refused(await api.http.get(f"{_HALLS}/plain"), 404)["code"] == "hall_not_found"


async def test_a_reading_key_sees_and_does_not_make(api: Api) -> None:
    headers = await api.key(scope=Scope.READ)
    assert (await api.http.get(_HALLS, headers=headers)).status_code == 200
    assert _refused(await api.http.post(_HALLS, json={"name": "h"}, headers=headers), 403)
