"""Promise 14: when a delivery is tried again, whom it is never sent to, and when either ends. Days are made in the database."""

import re
import sqlite3
import time
from contextlib import closing

import pytest
from aiohttp import web

from tests.chaos.api_process import ApiProcess
from tests.chaos.livekit_events import Teller
from tests.chaos.load import Crowd, listen
from tests.chaos.receiver import Receiver, Told, receiving
from tests.chaos.waiting import until

pytestmark = [pytest.mark.chaos, pytest.mark.alone]
_DAY_MS = 86_400_000
_WAIT_S, _JITTER = 3.0, 0.2


@pytest.fixture
async def told(api: ApiProcess, teller: Teller) -> Crowd:
    await api.post("/v1/rooms", {"roomId": "hall"})
    return Crowd(teller, "hall")


async def _one_event(api: ApiProcess, crowd: Crowd, endpoint_id: str, tries: int = 1) -> tuple[str, int]:
    """Have one event, and that many tries of it; return its delivery's state and how long it waits now, in ms."""
    await crowd.one()

    async def is_tried() -> bool:
        return bool(_row(api, endpoint_id)) and _row(api, endpoint_id)[0] >= tries

    await until(is_tried, f"{tries} tries are made")
    _, state, wait_ms = _row(api, endpoint_id)
    return state, wait_ms


def _row(api: ApiProcess, endpoint_id: str) -> tuple[int, str, int]:
    found = api.ask(
        "SELECT attempts, state, due_at_ms - updated_at_ms FROM deliveries"
        f" WHERE endpoint_id = '{endpoint_id}' AND lease_until_ms IS NULL"
    )
    return found[0] if found else (0, "", 0)


def _answering(status: int, **headers: str) -> object:
    async def answer(_told: Told) -> web.Response:
        return web.Response(status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer


def _change(api: ApiProcess, sql: str) -> None:
    with closing(sqlite3.connect(api.settings.database_path, timeout=30)) as connection, connection:
        connection.execute(sql)


async def test_14_the_first_tries_are_seconds_apart_with_jitter_and_retry_after_is_granted(
    api: ApiProcess, told: Crowd, receiver: Receiver
) -> None:
    """Mechanisms: `retry_in_s` and `bounded_retry_after_s` of rtcstack/domain/delivery.py."""
    receiver.answer = _answering(500)
    endpoint_id = await listen(api, receiver, "participant.joined")
    waits_ms = [(await _one_event(api, told, endpoint_id))[1]]
    await until(lambda: _has_tries(api, endpoint_id, 2), "it is tried again")
    waits_ms.append(_row(api, endpoint_id)[2])
    for wait_ms in waits_ms:
        assert _WAIT_S * (1 - _JITTER) <= wait_ms / 1000 <= _WAIT_S * (1 + _JITTER)
    async with receiving() as busy:
        busy.answer = _answering(429, retry_after="90")
        state, wait_ms = await _one_event(api, told, await listen(api, busy, "participant.joined"))
        assert (state, wait_ms >= 90_000) == ("pending", True)


async def _has_tries(api: ApiProcess, endpoint_id: str, tries: int) -> bool:
    return _row(api, endpoint_id)[0] >= tries


async def test_14_a_redirect_is_a_failure_and_not_followed(
    api: ApiProcess, told: Crowd, receiver: Receiver
) -> None:
    """Mechanism: the sender does not follow redirects."""
    async with receiving() as other:
        receiver.answer = _answering(307, location=other.url)  # a client that follows it posts again
        other.secrets = receiver.secrets
        state, _ = await _one_event(api, told, await listen(api, receiver, "participant.joined"))
        assert state == "pending"
        assert (other.taken, other.refused) == ([], 0)


async def test_14_gone_disables_at_once(api: ApiProcess, told: Crowd, receiver: Receiver) -> None:
    """Mechanism: 410 (`is_gone`)."""
    receiver.answer = _answering(410)
    endpoint_id = await listen(api, receiver, "participant.joined")
    await told.one()
    await until(lambda: _is_disabled(api, endpoint_id), "the endpoint is disabled")
    assert api.count("deliveries WHERE state = 'pending'") == 0
    assert api.count("outbox WHERE event = 'webhook.disabled'") == 1


async def test_14_three_days_end_a_delivery_and_five_an_endpoint(
    api: ApiProcess, told: Crowd, receiver: Receiver
) -> None:
    """Mechanisms: `GIVEN_UP_S` of a delivery's age, `DISABLED_S` of an endpoint's failures in a row."""
    receiver.answer = _answering(500)
    endpoint_id = await listen(api, receiver, "participant.joined")
    await _one_event(api, told, endpoint_id)
    _change(api, f"UPDATE deliveries SET queued_at_ms = queued_at_ms - {3 * _DAY_MS}")
    await until(lambda: _is_given_up(api, endpoint_id), "the delivery is given up")
    now_ms = round(time.time() * 1000)
    _change(
        api,
        f"UPDATE webhook_endpoints SET failures = 40, failing_since_ms = {now_ms - 5 * _DAY_MS - 1},"
        f" failed_at_ms = {now_ms - 60_000}, held_until_ms = {now_ms}",
    )
    await told.one()
    await until(lambda: _is_disabled(api, endpoint_id), "the endpoint is disabled")
    [endpoint] = await api.get("/v1/webhooks")
    assert re.search("five days", str(endpoint)), endpoint
    assert api.count("outbox WHERE event = 'webhook.disabled'") == 1


async def _is_given_up(api: ApiProcess, endpoint_id: str) -> bool:
    return _row(api, endpoint_id)[1] == "failed"


async def _is_disabled(api: ApiProcess, endpoint_id: str) -> bool:
    return api.count(f"webhook_endpoints WHERE id = '{endpoint_id}' AND disabled_at_ms IS NOT NULL") == 1
