"""Calls that are too many, and the headers that every answer has."""

import asyncio

import httpx
import pytest

from rtcstack.settings import Settings
from rtcstack.settings.guarding import Limits
from tests.integration.api.conftest import Api, open_api

_ON = Limits.model_validate({"enabled": True, "trusted_proxies": ["127.0.0.0/8"]})
_GUARDED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


def _with(fresh: Settings, **limits: float) -> Settings:
    return fresh.model_copy(update={"limits": _ON.model_copy(update=limits)})


def _refused(answer: httpx.Response) -> None:
    assert answer.status_code == 429, answer.text
    error = answer.json()["error"]
    assert error["code"] == "rate_limited"
    assert error["request_id"] == answer.headers["x-request-id"]
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert _GUARDED.items() <= dict(answer.headers).items()


def _from(address: str, **more: str) -> dict[str, str]:
    return {"x-forwarded-for": address, **more}


async def test_an_address_is_refused_after_its_burst_and_no_other(fresh: Settings) -> None:
    async with open_api(_with(fresh, address_burst=3, address_per_s=0.05)) as api:
        for path in ("/v1/rooms", "/healthz", "/no/such/path"):
            assert (await api.http.get(path, headers=_from("203.0.113.7"))).status_code != 429
        for path in ("/v1/rooms", "/healthz", "/no/such/path", "/schema"):
            _refused(await api.http.get(path, headers=_from("198.51.100.1, 203.0.113.7")))
        assert (await api.http.get("/v1/rooms", headers=_from("203.0.113.8"))).status_code == 200


async def test_an_address_may_go_on_after_the_wait(fresh: Settings) -> None:
    async with open_api(_with(fresh, address_burst=1, address_per_s=2)) as api:
        assert (await api.http.get("/healthz", headers=_from("203.0.113.7"))).status_code == 200
        refused = await api.http.get("/healthz", headers=_from("203.0.113.7"))
        _refused(refused)
        await asyncio.sleep(int(refused.headers["retry-after"]))
        assert (await api.http.get("/healthz", headers=_from("203.0.113.7"))).status_code == 200


async def test_a_key_is_refused_wherever_it_is_used_and_no_other_key(fresh: Settings) -> None:
    async with open_api(_with(fresh, key_burst=2, key_per_s=0.05)) as api:
        for n in range(2):
            assert (await api.http.get("/v1/rooms", headers=_from(f"203.0.113.{n}"))).status_code == 200
        _refused(await api.http.get("/v1/rooms", headers=_from("203.0.113.9")))
        keyed = {"idempotency-key": "order-7"}
        _refused(await api.http.post("/v1/rooms", json={"roomId": "a"}, headers=keyed))
        other = await api.key()
        again = await api.http.post("/v1/rooms", json={"roomId": "a"}, headers={**keyed, **other})
        assert again.status_code == 201  # the refusal was not kept under the Idempotency-Key


async def test_guessing_keys_ends_soon_and_harms_nobody_else(fresh: Settings) -> None:
    async with open_api(_with(fresh, wrong_key_burst=3, wrong_key_per_s=0.05)) as api:
        _, text = await api.platform.services.access.create_key("default")
        key_id = text.split("_")[2]
        guess = f"Bearer rtc_live_{key_id}_{'a' * 49}"
        for _ in range(3):
            wrong = await api.http.get("/v1/rooms", headers=_from("203.0.113.7", authorization=guess))
            assert wrong.status_code == 401
        _refused(await api.http.get("/v1/rooms", headers=_from("203.0.113.7", authorization=guess)))
        good = {"authorization": f"Bearer {text}"}
        _refused(await api.http.get("/v1/rooms", headers=_from("203.0.113.7", **good)))
        assert (await api.http.get("/v1/rooms", headers=_from("203.0.113.8", **good))).status_code == 200


async def test_hooks_are_never_refused(fresh: Settings) -> None:
    async with open_api(_with(fresh, address_burst=1, wrong_key_burst=1)) as api:
        for _ in range(5):
            forged = await api.http.post("/hooks/livekit", content=b"{}", headers={"authorization": "no"})
            assert forged.status_code == 401


async def test_on_loopback_nothing_is_limited(fresh: Settings) -> None:
    few = Limits(address_burst=1, key_burst=1, wrong_key_burst=1)
    async with open_api(fresh.model_copy(update={"limits": few})) as api:
        answers = [await api.http.get("/v1/rooms") for _ in range(5)]
        assert {a.status_code for a in answers} == {200}


@pytest.mark.parametrize("path", ["/v1/rooms", "/healthz", "/schema", "/no/such/path", "/v1/rooms/nobody"])
async def test_every_answer_is_guarded(api: Api, path: str) -> None:
    for headers in ({}, {"authorization": "Bearer no"}):
        answer = await api.http.get(path, headers=headers)
        assert _GUARDED.items() <= dict(answer.headers).items(), (path, answer.status_code)


@pytest.mark.parametrize(
    ("framing", "sent"),
    [("content-length: 99999999", b""), ("transfer-encoding: chunked", b"200000\r\n" + b" " * 0x200000)],
)
async def test_a_body_is_refused_before_it_is_all_there(api: Api, framing: str, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection(api.http.base_url.host, api.http.base_url.port)
    head = f"POST /v1/rooms HTTP/1.1\r\nhost: x\r\nauthorization: {api.http.headers['authorization']}\r\n{framing}\r\n\r\n"
    try:
        writer.write(head.encode() + sent)
        async with asyncio.timeout(10):
            answer = await reader.readuntil(b"\r\n")
    finally:
        writer.close()
    assert answer.startswith(b"HTTP/1.1 413")
