"""LiveKit's hook: signed, committed, then acknowledged."""

import asyncio
import base64
import hashlib

from google.protobuf.json_format import MessageToJson
from livekit.api import AccessToken
from livekit.protocol.webhook import WebhookEvent
from structlog.testing import capture_logs

from rtcstack.metrics.counted import REGISTRY
from tests.integration.api.conftest import Api

_HOOK = "/hooks/livekit"


def _event(api: Api, body: str) -> dict[str, str]:
    keys = api.settings.livekit
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    token = AccessToken(keys.api_key.get_secret_value(), keys.api_secret.get_secret_value())
    return {"authorization": token.with_sha256(digest).to_jwt(), "content-type": "application/webhook+json"}


async def test_a_signed_event_is_stored_then_acknowledged(api: Api) -> None:
    body = MessageToJson(WebhookEvent(event="room_started", id="EV_1"))
    for _ in range(3):
        assert (await api.http.post(_HOOK, content=body, headers=_event(api, body))).status_code == 200
    assert await api.count("inbox") == 1


async def test_a_forged_event_is_401_and_logged(api: Api) -> None:
    body = MessageToJson(WebhookEvent(event="room_started", id="EV_1"))
    headers = {**_event(api, body), "content-type": "application/webhook+json"}
    with capture_logs() as logs:
        answer = await api.http.post(_HOOK, content=body + " ", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_signature")
    assert any("did not sign" in entry["event"] for entry in logs)
    assert await api.count("inbox") == 0


async def test_what_is_signed_but_no_event_is_400_and_kept_as_it_is(api: Api) -> None:
    bodies = ("no JSON", "3", '{"event": 3}')
    before = _counted("unread")
    with capture_logs() as logs:
        for body in (*bodies, *bodies):
            answer = await api.http.post(_HOOK, content=body, headers=_event(api, body))
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_json")
    assert [entry["log_level"] for entry in logs if "cannot be read" in entry["event"]] == ["error"] * 6
    assert _counted("unread") == before + 6
    rows = await api.platform._adapters.db.all("SELECT body, error, processed_at_ms FROM inbox ORDER BY seq")
    assert [row["body"] for row in rows] == list(bodies)
    assert all("no event of LiveKit's" in row["error"] and row["processed_at_ms"] for row in rows)


async def test_what_livekit_says_that_is_unknown_here_is_kept(api: Api) -> None:
    body = '{"event": "room_painted", "id": "EV_1", "room": {"name": "r", "hue": 7}, "wall": {"is": "new"}}'
    assert (await api.http.post(_HOOK, content=body, headers=_event(api, body))).status_code == 200
    async with asyncio.timeout(60):
        while not await api.count("inbox WHERE processed_at_ms IS NOT NULL"):
            await asyncio.sleep(0.02)
    [row] = await api.platform._adapters.db.all("SELECT event, body, error FROM inbox")
    assert (row["event"], row["body"], row["error"]) == ("room_painted", body, None)


async def test_a_large_event_is_taken_and_one_beyond_all_measure_is_told(api: Api) -> None:
    event = WebhookEvent(event="room_started", id="EV_1")
    event.room.metadata = "x" * 2_000_000
    body = MessageToJson(event)
    assert (await api.http.post(_HOOK, content=body, headers=_event(api, body))).status_code == 200
    assert await api.count("inbox") == 1
    before = _counted("too_large")
    with capture_logs() as logs:
        answer = await api.http.post(_HOOK, content=b"x" * (4 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert [entry["log_level"] for entry in logs if "too large" in entry["event"]] == ["error"]
    assert _counted("too_large") == before + 1


def _counted(outcome: str) -> float:
    return (
        REGISTRY.get_sample_value("rtcstack_inbox_events_total", {"kind": "other", "outcome": outcome}) or 0
    )


async def test_an_event_that_cannot_be_committed_is_503_so_that_livekit_tries_again(api: Api) -> None:
    writer = api.platform._adapters.db._writer
    assert writer is not None
    [(pages,)] = await writer.all("PRAGMA page_count")
    await writer.all(f"PRAGMA max_page_count = {pages}")
    event = WebhookEvent(event="room_started", id="EV_1")
    event.room.metadata = "x" * 50_000
    body = MessageToJson(event)
    assert (await api.http.post(_HOOK, content=body, headers=_event(api, body))).status_code == 503
    await writer.all("PRAGMA max_page_count = 1000000")
    assert (await api.http.post(_HOOK, content=body, headers=_event(api, body))).status_code == 200
    assert await api.count("inbox") == 1


async def test_events_that_arrive_together_are_all_stored(api: Api) -> None:
    bodies = [MessageToJson(WebhookEvent(event="room_started", id=f"EV_{n}")) for n in range(50)]
    answers = await asyncio.gather(
        *(api.http.post(_HOOK, content=body, headers=_event(api, body)) for body in bodies)
    )
    assert {a.status_code for a in answers} == {200}
    assert await api.count("inbox") == 50
