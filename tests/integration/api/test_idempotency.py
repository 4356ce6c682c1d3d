"""`Idempotency-Key` on POST, over HTTP."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from rtcstack.domain.api_key import Scope
from tests.integration.api.conftest import Api

_KEY = {"idempotency-key": "order-7"}


def _code(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["x-request-id"] == answer.json()["error"]["request_id"]
    return str(answer.json()["error"]["code"])


@pytest.mark.parametrize(
    ("path", "body", "table"),
    [
        ("/v1/rooms", {"name": "standup"}, "rooms"),
        ("/v1/halls", {"name": "demo"}, "rooms"),
        ("/v1/webhooks", {"url": "http://127.0.0.1:9/"}, "webhook_endpoints"),
    ],
)
async def test_a_create_sent_again_makes_nothing_new(
    api: Api, path: str, body: dict[str, Any], table: str
) -> None:
    first = await api.http.post(path, json=body, headers=_KEY)
    again = await api.http.post(path, json=body, headers=_KEY)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["content-type"] == again.headers["content-type"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert await api.count(table) == 1


async def test_without_the_header_every_call_counts(api: Api) -> None:
    for _ in range(2):
        await api.http.post("/v1/rooms", json={})
    assert await api.count("rooms") == 2
    assert await api.count("idempotency_keys") == 0


async def test_a_refusal_is_answered_again_too(api: Api) -> None:
    first = await api.http.post("/api/v1/recordings/rec_none/archive", headers=_KEY)
    again = await api.http.post("/api/v1/recordings/rec_none/archive", headers=_KEY)
    assert first.status_code == again.status_code == 404
    assert first.content == again.content


async def test_another_body_or_path_under_the_key_is_409(api: Api) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "a"}, headers=_KEY)
    assert (
        _code(await api.http.post("/v1/rooms", json={"roomId": "b"}, headers=_KEY), 409)
        == "idempotency_mismatch"
    )
    assert (
        _code(await api.http.post("/v1/halls", json={"roomId": "a"}, headers=_KEY), 409)
        == "idempotency_mismatch"
    )


async def test_many_at_once_do_the_work_once(api: Api) -> None:
    calls = [api.http.post("/v1/rooms", json={"name": "x"}, headers=_KEY) for _ in range(12)]
    answers = await asyncio.gather(*calls)
    made = {answer.content for answer in answers if answer.status_code == 201}
    for answer in answers:
        if answer.status_code != 201:
            assert _code(answer, 409) == "idempotency_in_progress"
            assert answer.headers["retry-after"]
    assert len(made) == 1
    assert await api.count("rooms") == 1


async def test_a_call_that_was_not_allowed_may_be_sent_again(api: Api) -> None:
    reader = await api.key(scope=Scope.READ)
    for headers, status in (({"authorization": ""}, 401), (reader, 403)):
        answer = await api.http.post("/v1/rooms", json={}, headers={**_KEY, **headers})
        assert answer.status_code == status
    assert (await api.http.post("/v1/rooms", json={}, headers=_KEY)).status_code == 201
    refused = await api.http.post("/v1/rooms", json={}, headers={**_KEY, **reader})
    assert _code(refused, 403) == "scope_required"


async def test_tenants_do_not_share_keys(api: Api) -> None:
    mine = await api.http.post("/v1/rooms", json={}, headers=_KEY)
    theirs = await api.http.post("/v1/rooms", json={}, headers={**_KEY, **await api.key("acme")})
    assert mine.json()["roomId"] != theirs.json()["roomId"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x80b"])
async def test_a_key_that_is_none_is_400(api: Api, key: str) -> None:
    answer = await api.http.post("/v1/rooms", json={}, headers={"idempotency-key": key.encode("latin-1")})
    assert _code(answer, 400) == "invalid_idempotency_key"


async def test_two_keys_are_400(api: Api) -> None:
    headers = [("idempotency-key", "a"), ("idempotency-key", "b")]
    assert _code(await api.http.post("/v1/rooms", json={}, headers=headers), 400) == "invalid_idempotency_key"


async def test_the_limit_of_the_body_holds(api: Api) -> None:
    answer = await api.http.post("/v1/rooms", content=b" " * (1024 * 1024 + 1), headers=_KEY)
    assert _code(answer, 413) == "body_too_large"
    assert await api.count("idempotency_keys") == 0


def _files_with(secret: bytes, folder: Path) -> list[str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return [file.name for file in files if secret in file.read_bytes()]


async def test_a_webhooks_secret_lies_nowhere_in_plain_text(api: Api, tmp_path: Path) -> None:
    made = await api.http.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"}, headers=_KEY)
    secret = made.json()["secret"].encode()
    assert _files_with(secret, tmp_path) == []
