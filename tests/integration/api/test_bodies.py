"""Bodies that no reader could make sense of, or that nobody asked for, are refused by name."""

import pytest

from tests.integration.api.conftest import Api
from tests.integration.api.test_bad_input import code_of

_ROOMS = "/v1/rooms"


async def test_a_fault_of_meaning_is_told_with_the_others(api: Api) -> None:
    await api.http.post(_ROOMS, json={"roomId": "r"})
    asked = {"width": "x", "zzz": 1, "layout": "nope"}
    answer = await api.http.post(f"{_ROOMS}/r/recording/start", json=asked)
    assert code_of(answer, 400) == "invalid_request"
    assert {fault["field"] for fault in answer.json()["error"]["details"]["fields"]} == set(asked)


@pytest.mark.parametrize(
    "path", ["/v1/rooms/r/recording/stop", "/api/v1/rooms/r/recordings/stop", "/api/v1/recordings/x/archive"]
)
async def test_a_call_that_takes_no_body_refuses_one(api: Api, path: str) -> None:
    for body, field in (
        (b'{"x": 1}', "x"),
        (b"{", "body"),
        (b'{"x": 1', "body"),
        (b"null", "body"),
        (b"[]", "body"),
    ):
        answer = await api.http.post(path, content=body)
        assert code_of(answer, 400) in {"malformed_json", "invalid_request"}
        assert [fault["field"] for fault in answer.json()["error"]["details"]["fields"]] == [field]
    for nothing in (b"", b"{}"):
        assert (await api.http.post(path, content=nothing)).status_code == 404


async def test_null_is_not_the_same_as_no_body(api: Api) -> None:
    assert code_of(await api.http.post(_ROOMS, content=b"null"), 400) == "invalid_request"
    assert (await api.http.post(_ROOMS, content=b"")).status_code == 201


@pytest.mark.parametrize(
    ("path", "field"), [(_ROOMS, "name"), ("/v1/halls", "name"), (f"{_ROOMS}/r/tokens", "identity")]
)
async def test_a_name_that_nobody_could_see_is_refused(api: Api, path: str, field: str) -> None:
    for name in ("\0", "a\0b", " ", "\n\t", "\u3000"):
        answer = await api.http.post(path, json={field: name})
        assert code_of(answer, 400) == "invalid_request"
        assert [fault["field"] for fault in answer.json()["error"]["details"]["fields"]] == [field]


@pytest.mark.parametrize("path", [_ROOMS, "/v1/halls", "/v1/webhooks", f"{_ROOMS}/r/recording/stop"])
async def test_what_no_json_reader_can_hold_is_400(api: Api, path: str) -> None:
    for body in (
        b'{"name": "\xff"}',
        b'{"zzz": "\xff"}',
        b'{"metadata": {"a": 1e999}}',
        b'{"maxParticipants": ' + b"9" * 5000 + b"}",
    ):
        answer = await api.http.post(path, content=body)
        assert code_of(answer, 400) in {"malformed_json", "invalid_request"}
        assert answer.json()["error"]["details"]["fields"]
