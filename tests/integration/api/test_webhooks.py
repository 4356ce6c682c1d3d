"""Endpoints and deliveries over HTTP, against receivers of every kind."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from rtcstack.domain.api_key import Scope
from tests.integration.api.conftest import Api
from tests.integration.api.test_bad_input import code_of
from tests.support.ports import free_port
from tests.support.webhook_sink import sink_of

_HOOKS = "/v1/webhooks"
_WAIT_S = 20
_DOCS = Path(__file__).parents[3] / "docs" / "api" / "webhooks.md"


async def _endpoint(api: Api, url: str, **fields: Any) -> dict[str, Any]:
    made = await api.http.post(_HOOKS, json={"url": url, **fields})
    assert made.status_code == 201, made.text
    return dict(made.json())


async def _halls(api: Api, count: int) -> list[str]:
    """Make events: each hall is one."""
    made = [await api.http.post("/v1/halls", json={"name": f"h{n}"}) for n in range(count)]
    return [one.raise_for_status().json()["hall_id"] for one in made]


async def _deliveries(api: Api, webhook: str, **params: Any) -> list[dict[str, Any]]:
    answer = await api.http.get(f"{_HOOKS}/{webhook}/deliveries", params=params)
    return list(answer.raise_for_status().json()["data"])


async def test_an_event_arrives_signed_and_its_delivery_shows_all_of_it(api: Api) -> None:
    async with sink_of() as sink:
        made = await _endpoint(api, sink.url, events=["hall.created"])
        await _halls(api, 1)
        await sink.has(1)
        [(headers, body)] = sink.got
        event = Webhook(made["secret"]).verify(body, headers)
        async with asyncio.timeout(_WAIT_S):
            while not (found := await _deliveries(api, made["id"], status="delivered")):
                await asyncio.sleep(0.05)
        [row] = found
        assert (row["event_id"], row["event"], row["room_id"]) == (
            headers["webhook-id"], "hall.created", event["data"]["hall_id"],
        )  # fmt: skip
        assert (row["status_code"], row["response"], row["attempts"]) == (200, "thanks", 1)
        assert row["request"]["body"].encode() == body
        assert row["request"]["headers"].items() <= headers.items()


async def test_an_endpoint_is_shown_and_changed_and_never_its_secret(api: Api) -> None:
    made = await _endpoint(api, "http://127.0.0.1:9/a", room_ids=["r"])
    path = f"{_HOOKS}/{made['id']}"
    secret = made.pop("secret")
    assert (await api.http.get(path)).json() == made
    changed = await api.http.patch(path, json={"url": "http://127.0.0.1:9/b", "paused": True})
    assert changed.status_code == 200
    shown = (await api.http.get(path)).json()
    assert shown == changed.json()
    assert (shown["url"], shown["status"], shown["room_ids"]) == ("http://127.0.0.1:9/b", "paused", ["r"])
    rotated = await api.http.post(f"{path}/rotate")
    assert set(rotated.json()) == {"id", "secret", "old_secret_valid_until"}
    for answer in (await api.http.get(path), await api.http.get(_HOOKS)):
        assert secret not in answer.text
        assert rotated.json()["secret"] not in answer.text


async def test_a_rotation_loses_no_delivery(api: Api) -> None:
    async with sink_of() as sink:
        made = await _endpoint(api, sink.url, events=["hall.created"])
        secrets = [made["secret"]]
        for n in range(3):
            await _halls(api, 3)
            await sink.has(3 * (n + 1))
            for headers, body in sink.got[3 * n :]:
                assert any(_fits(secret, body, headers) for secret in secrets[-2:])
                assert _fits(secrets[-1], body, headers)
            secrets.append((await api.http.post(f"{_HOOKS}/{made['id']}/rotate")).json()["secret"])


async def test_a_test_tells_what_came_of_it(api: Api) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return web.Response(status=500, text="o\0ps" + "x" * 5000)

    async with sink_of(refuse) as sink:
        made = await _endpoint(api, sink.url, events=["clip.ready"])
        row = (await api.http.post(f"{_HOOKS}/{made['id']}/test")).raise_for_status().json()
    assert (row["status"], row["status_code"], row["event"]) == ("failed", 500, "webhook.test")
    assert len(row["response"]) == 2047
    row = (await api.http.post(f"{_HOOKS}/{made['id']}/test")).raise_for_status().json()
    assert (row["status"], row["status_code"], row["next_attempt_at"]) == ("failed", None, None)
    assert "Connect" in row["error"]


async def test_a_receiver_that_comes_back_gets_everything_once(api: Api) -> None:
    port = free_port()
    made = await _endpoint(api, f"http://127.0.0.1:{port}/hook", events=["hall.created"])
    halls = await _halls(api, 12)
    async with asyncio.timeout(_WAIT_S):
        while (await api.http.get(f"{_HOOKS}/{made['id']}")).json()["failing_since"] is None:
            await asyncio.sleep(0.1)
    async with sink_of(port=port) as sink:
        await sink.has(12)
        await asyncio.sleep(0.5)
        ids = [headers["webhook-id"] for headers, _ in sink.got]
        assert len(ids) == len(set(ids)) == len(halls)


async def test_a_slow_endpoint_delays_no_other(api: Api) -> None:
    held = asyncio.Event()

    async def hold(_request: web.Request) -> web.Response:
        await held.wait()
        return web.Response()

    async with sink_of(hold) as slow, sink_of() as quick:
        for _ in range(3):
            await _endpoint(api, slow.url, events=["hall.created"])
        await _endpoint(api, quick.url, events=["hall.created"])
        await _halls(api, 20)
        await quick.has(20)
        assert 0 < len(slow.got) <= 24
        held.set()


async def test_gone_disables_and_events_tell_of_it(api: Api) -> None:
    async def gone(_request: web.Request) -> web.Response:
        return web.Response(status=410)

    async with sink_of(gone) as sink:
        made = await _endpoint(api, sink.url, events=["hall.created"])
        await _halls(api, 1)
        async with asyncio.timeout(_WAIT_S):
            while (shown := (await api.http.get(f"{_HOOKS}/{made['id']}")).json())["status"] == "active":
                await asyncio.sleep(0.05)
    assert (shown["status"], shown["disabled_reason"]) == ("disabled", "the endpoint answered 410 Gone")
    told = (await api.http.get("/v1/events", params={"types": "webhook.disabled"})).json()["data"]
    assert [event["body"]["data"]["webhook_id"] for event in told] == [made["id"]]
    replay = await api.http.post(f"{_HOOKS}/{made['id']}/replay", json={"since": "2025-01-01T00:00:00Z"})
    assert code_of(replay, 409) == "webhook_disabled"


async def test_events_are_pulled_in_order_and_go_on_where_one_left_off(api: Api) -> None:
    halls = await _halls(api, 5)
    seen, after, more = [], None, True
    while more:
        params: dict[str, Any] = {"limit": 2, **({"after": after} if after else {})}
        page = (await api.http.get("/v1/events", params=params)).raise_for_status().json()
        seen += [event["body"]["data"]["hall_id"] for event in page["data"]]
        after, more = page["next_after"], page["has_more"]
    assert seen == halls
    empty = (await api.http.get("/v1/events", params={"after": after})).json()
    assert empty == {"data": [], "next_after": after, "has_more": False}
    await api.http.delete(f"/v1/halls/{halls[0]}")
    wanted = {"after": after, "types": ["hall.created", "hall.closed"]}
    [event] = (await api.http.get("/v1/events", params=wanted)).json()["data"]
    assert event["event"] == event["body"]["event"] == "hall.closed"


async def test_the_receiver_of_the_docs_takes_what_we_send_and_nothing_else(api: Api) -> None:
    found = re.search(r"```python\n(.*?)^```", _DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    port = free_port()
    made = await _endpoint(api, f"http://127.0.0.1:{port}/")
    environ = {"PATH": os.defpath, "WEBHOOK_SECRET": made["secret"], "PORT": str(port)}
    receiver = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", found[1]),
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        row: dict[str, Any] = {}
        async with asyncio.timeout(_WAIT_S):
            while row.get("status") != "delivered":
                row = (await api.http.post(f"{_HOOKS}/{made['id']}/test")).raise_for_status().json()
        assert receiver.stdout is not None
        assert (await receiver.stdout.readline()).strip() == b"webhook.test"
        forged = await api.http.post(
            f"http://127.0.0.1:{port}/", content=b"{}", headers=row["request"]["headers"]
        )
        assert forged.status_code == 400
    finally:
        receiver.kill()
        await receiver.communicate()


def _fits(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        return Webhook(secret).verify(body, headers) is not None
    except Exception:  # noqa: BLE001  # the package's own, of several kinds
        return False


@pytest.mark.parametrize("path", ["", "/test", "/rotate", "/replay", "/deliveries"])
async def test_a_key_that_may_only_read_changes_nothing(api: Api, path: str) -> None:
    made = await _endpoint(api, "http://127.0.0.1:9/")
    reader = await api.key(scope=Scope.READ)
    url = f"{_HOOKS}/{made['id']}{path}"
    if path == "/deliveries":
        assert (await api.http.get(url, headers=reader)).status_code == 200
        return
    method = "PATCH" if not path else "POST"
    answer = await api.http.request(method, url, json={}, headers=reader)
    assert code_of(answer, 403) == "scope_required"
