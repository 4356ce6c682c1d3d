"""What callers do wrong is answered in words, with the documented status and one body for all errors."""

from typing import Any

import pytest

from rtcstack.domain.api_key import Scope
from tests.integration.api.conftest import Api

_ROOMS = "/v1/rooms"


def code_of(response: Any, status: int) -> str:
    """Return the error's code of a response that has to have that status and the one body for all errors."""
    body = response.json()
    assert response.status_code == status, body
    assert set(body) == {"error"}
    assert {"code", "message", "request_id"} <= set(body["error"])
    assert response.headers["x-request-id"] == body["error"]["request_id"]
    return str(body["error"]["code"])


async def test_a_call_without_a_key_or_with_a_wrong_one_is_401(api: Api) -> None:
    assert code_of(await api.http.get(_ROOMS, headers={"authorization": ""}), 401) == "missing_key"
    assert (
        code_of(await api.http.get(_ROOMS, headers={"authorization": "Bearer nonsense"}), 401)
        == "invalid_key"
    )


async def test_a_revoked_key_is_401_at_once(api: Api) -> None:
    key, text = await api.platform.services.access.create_key("default")
    headers = {"authorization": f"Bearer {text}"}
    assert (await api.http.get(_ROOMS, headers=headers)).status_code == 200
    await api.platform.services.access.revoke_key(key.id)
    assert code_of(await api.http.get(_ROOMS, headers=headers), 401) == "revoked_key"


async def test_a_reading_key_may_not_write(api: Api) -> None:
    headers = await api.key(scope=Scope.READ)
    assert (await api.http.get(_ROOMS, headers=headers)).status_code == 200
    assert code_of(await api.http.post(_ROOMS, json={}, headers=headers), 403) == "scope_required"


@pytest.mark.parametrize("room_id", ["-a", "a b", "a:b", "a|b", "ä", "a" * 129, "%2e%2e", "_t"])
async def test_a_bad_room_id_is_400_before_livekit_sees_it(api: Api, room_id: str) -> None:
    for method, path in (
        ("GET", ""),
        ("GET", "/recording"),
        ("POST", "/recording/start"),
        ("POST", "/recording/stop"),
    ):
        answer = await api.http.request(method, f"{_ROOMS}/{room_id}{path}")
        assert code_of(answer, 400) == "invalid_room_id"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/recording"),
        ("GET", "/recordings"),
        ("GET", "/participants"),
        ("POST", "/recording/start"),
        ("POST", "/recording/stop"),
    ],
)
async def test_an_unknown_room_is_404_for_everything(api: Api, method: str, path: str) -> None:
    assert code_of(await api.http.request(method, f"{_ROOMS}/nowhere{path}"), 404) == "room_not_found"


async def test_another_tenants_room_is_the_same_404(api: Api) -> None:
    await api.http.post(_ROOMS, json={"roomId": "mine"}, headers=await api.key("acme"))
    theirs = await api.http.get(f"{_ROOMS}/mine")
    unknown = await api.http.get(f"{_ROOMS}/none")
    assert code_of(theirs, 404) == code_of(unknown, 404)
    assert theirs.json()["error"]["message"].replace("mine", "none") == unknown.json()["error"]["message"]


async def test_stop_with_nothing_active_is_404(api: Api) -> None:
    await api.http.post(_ROOMS, json={"roomId": "idle"})
    assert code_of(await api.http.post(f"{_ROOMS}/idle/recording/stop"), 404) == "recording_not_active"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"roomId": ', "body"),
        (b"[]", "body"),
        (b"nonsense", "body"),
        (b'{"roomId": 3}', "roomId"),
        (b'{"maxParticipants": 0}', "maxParticipants"),
        (b'{"maxParticipants": "many"}', "maxParticipants"),
        (b'{"name": ""}', "name"),
        (b'{"metadata": []}', "metadata"),
    ],
)
async def test_a_malformed_body_is_400_and_names_the_field(api: Api, body: bytes, field: str) -> None:
    answer = await api.http.post(_ROOMS, content=body)
    assert code_of(answer, 400) in {"malformed_json", "invalid_request"}
    assert field in [fault["field"] for fault in answer.json()["error"]["details"]["fields"]]


async def test_an_unknown_field_is_named(api: Api) -> None:
    answer = await api.http.post(_ROOMS, json={"roomID": "x"})
    assert code_of(answer, 400) == "invalid_request"
    assert "roomID" in answer.json()["error"]["message"]


async def test_metadata_of_more_than_16_kib_is_refused(api: Api) -> None:
    answer = await api.http.post(_ROOMS, json={"metadata": {"a": "x" * 16_384}})
    assert code_of(answer, 400) == "invalid_request"


async def test_a_body_over_1_mib_is_413(api: Api) -> None:
    answer = await api.http.post(_ROOMS, content=b'{"name": "' + b"x" * 1024 * 1024 + b'"}')
    assert code_of(answer, 413) == "body_too_large"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"layout": "spiral"}, "unknown_layout"),
        ({"preset": "H264_8K"}, "unknown_preset"),
        ({"preset": "H264_720P_30", "width": 640, "height": 360}, "invalid_request"),
        ({"width": 640}, "invalid_request"),
        ({"width": 0, "height": 0}, "invalid_request"),
        ({"width": 20_000, "height": 20_000}, "invalid_request"),
        ({"framerate": 1000}, "invalid_request"),
    ],
)
async def test_options_that_cannot_be_are_400(api: Api, options: dict[str, object], code: str) -> None:
    await api.http.post(_ROOMS, json={"roomId": "r"})
    assert code_of(await api.http.post(f"{_ROOMS}/r/recording/start", json=options), 400) == code


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://a/b",
        "http://",
        "http://10.0.0.1/x",
        "http://[fd00::1]/",
        "https://u:p@a.example/",
    ],
)
async def test_webhook_addresses_that_we_do_not_deliver_to_are_400(api: Api, url: str) -> None:
    assert code_of(await api.http.post("/v1/webhooks", json={"url": url}), 400) == "invalid_webhook_url"


async def test_unknown_paths_and_methods_have_the_same_body(api: Api) -> None:
    assert code_of(await api.http.get("/v1/nothing"), 404) == "not_found"
    assert code_of(await api.http.put(_ROOMS), 405) == "method_not_allowed"


async def test_a_room_is_made_once(api: Api) -> None:
    assert (await api.http.post(_ROOMS, json={"roomId": "once"})).status_code == 201
    assert code_of(await api.http.post(_ROOMS, json={"roomId": "once"}), 409) == "room_exists"
    assert (await api.http.delete(f"{_ROOMS}/once")).status_code == 204
    assert code_of(await api.http.delete(f"{_ROOMS}/once"), 404) == "room_not_found"
    assert (await api.http.post(_ROOMS, json={"roomId": "once"})).status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/halls", {"name": "h", "record": 1}, "record"),
        ("/v1/halls", {"name": "h", "record": "true"}, "record"),
        ("/v1/halls", {"name": "h", "max_participants": "10"}, "max_participants"),
        ("/v1/halls", {"name": "h", "max_participants": 10.0}, "max_participants"),
        ("/v1/halls", {"name": 5}, "name"),
        ("/v1/halls", {}, "name"),
        ("/v1/halls", {"name": "h", "recrd": True}, "recrd"),
        ("/v1/rooms", {"maxParticipants": "10"}, "maxParticipants"),
        ("/v1/rooms/r/tokens", {"identity": "a", "ttlSeconds": "60"}, "ttlSeconds"),
        ("/v1/rooms/r/recording/start", {"audioOnly": "no"}, "audioOnly"),
        ("/v1/webhooks", {"url": "https://a.example/", "events": [1]}, "events[0]"),
        ("/v1/webhooks", {"url": "https://a.example/", "events": "egress_ended"}, "events"),
    ],
)
async def test_values_are_not_taken_for_what_they_might_mean(
    api: Api, path: str, body: dict[str, object], field: str
) -> None:
    answer = await api.http.post(path, json=body)
    assert code_of(answer, 400) == "invalid_request"
    assert [fault["field"] for fault in answer.json()["error"]["details"]["fields"]] == [field]


async def test_every_fault_is_told_at_once(api: Api) -> None:
    answer = await api.http.post("/v1/halls", json={"max_participants": 0, "record": "x", "colour": "red"})
    assert code_of(answer, 400) == "invalid_request"
    named = {fault["field"] for fault in answer.json()["error"]["details"]["fields"]}
    assert named == {"name", "max_participants", "record", "colour"}


async def test_an_empty_room_id_is_none_of_ours(api: Api) -> None:
    assert code_of(await api.http.post(_ROOMS, json={"roomId": ""}), 400) == "invalid_room_id"


async def test_the_case_of_the_scheme_does_not_matter(api: Api) -> None:
    _, text = await api.platform.services.access.create_key("default")
    for scheme in ("bearer", "BEARER"):
        answer = await api.http.get(_ROOMS, headers={"authorization": f"{scheme} {text}"})
        assert answer.status_code == 200
