"""Promises 1, 2 and 12: what was answered is kept, nothing is answered before it is, and a stop cuts nobody off."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing

import aiohttp
import psutil
import pytest

from tests.chaos.api_process import ApiProcess
from tests.chaos.counts import Counts
from tests.chaos.livekit_events import Teller, joined
from tests.chaos.load import Crowd, listen
from tests.chaos.receiver import Receiver
from tests.chaos.waiting import until

pytestmark = [pytest.mark.chaos, pytest.mark.alone]
_UNHEARD = {0, 503}
"""No answer, or one after which LiveKit tries again."""
_HELD_S = 1
"""So much longer than an idle server would wait those take who are under way."""
_SETTLED_S, _SETTLED_A_KILL_S = 120, 3
"""A lease of a process that died lasts for half a minute; what waits after 200 kills is some ten thousand webhooks."""
_STORED = "SELECT json_extract(body, '$.participant.identity') FROM inbox WHERE event = 'participant_joined'"


async def test_01_no_event_is_lost_or_told_twice_whenever_the_api_is_killed(
    api: ApiProcess,
    teller: Teller,
    receiver: Receiver,
    counts: Counts,
    rng: random.Random,
    figure: Callable[[str], None],
) -> None:
    """Mechanisms: the inbox's commit before the answer, the outbox row in the transaction that applies, leases."""
    await api.post("/v1/rooms", {"roomId": "crowd"})
    await listen(api, receiver, "participant.joined")
    crowd = Crowd(teller, "crowd")
    async with crowd.coming():
        for _ in range(counts.kills):
            await until(crowd.is_heard_after(len(crowd.arrived)), "events are taken")
            await asyncio.sleep(rng.uniform(0, 0.8))
            answered = list(crowd.arrived)
            api.kill()
            assert set(answered) <= {who for (who,) in api.ask(_STORED)}
            await api.start()
    settled_s = _SETTLED_S + _SETTLED_A_KILL_S * counts.kills
    await until(api.is_settled, "everything that was told is delivered", settled_s)
    told = receiver.people()
    lost = set(crowd.arrived) - set(told)
    twice = [who for who, times in told.items() if times > 1]
    assert (lost, twice, receiver.refused) == (set(), [], 0)
    assert api.ask("PRAGMA integrity_check") == [("ok",)]
    figure(
        f"1: the API killed {counts.kills} times: {len(crowd.arrived)} events, 0 lost, 0 told twice;"
        f" {crowd.unheard} of LiveKit's tries unheard, {len(receiver.accepted) - len(told)} deliveries repeated under their id"
    )


async def test_02_nothing_is_answered_before_it_is_committed(api: ApiProcess, teller: Teller) -> None:
    """Mechanism: `Inbox.take` awaits the commit; LiveKit takes any other answer than a 5xx for delivered."""
    await api.post("/v1/rooms", {"roomId": "held"})
    body = joined("held", "ada")
    with closing(sqlite3.connect(api.settings.database_path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert await teller.tell(body) in _UNHEARD
        waiting = asyncio.create_task(teller.tell(body))
        await _has_been_read(api)
        api.kill()
        assert await waiting in _UNHEARD
        writer.execute("ROLLBACK")
    assert api.count("inbox") == 0
    await api.start()
    assert await teller.tell(body) == 200
    assert api.count("inbox") == 1


async def _has_taken(api: ApiProcess, count: int) -> bool:
    """Whether so many connections are the API's own: those that the system holds for it are cut off with its port."""
    there = psutil.Process(api.pid).net_connections("tcp")
    return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == api.port for one in there) >= count


async def _has_been_read(api: ApiProcess) -> None:
    """Return when the API has read what was sent before: it takes what there is in turns."""
    for _ in range(5):
        await api.get("/healthz")


async def test_12_a_stop_under_load_cuts_nobody_off(api: ApiProcess, teller: Teller) -> None:
    """Mechanisms: uvicorn's graceful shutdown, then `Workers.stop`; every thread of the database ends."""
    await api.post("/v1/rooms", {"roomId": "busy"})
    people = [joined("busy", f"person-{n}") for n in range(20)]
    answers = [asyncio.create_task(_answers_of(api)) for _ in range(8)]
    with closing(sqlite3.connect(api.settings.database_path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")  # so that these are under way when the signal comes
        waiting = [asyncio.create_task(teller.tell(body)) for body in people]
        await until(lambda: _has_taken(api, len(people)), "the API has taken their connections")
        await _has_been_read(api)
        stopping = asyncio.create_task(api.terminate())
        await until(lambda: _is_refused(api), "the API takes no more connections")
        await asyncio.sleep(_HELD_S)
        writer.execute("ROLLBACK")
    told = await asyncio.gather(*waiting)
    assert set(told) <= {200, 503}, "all are answered; 503 if they waited for too long"
    assert await stopping == 0
    assert {status for statuses in await asyncio.gather(*answers) for status in statuses} == {200}
    assert api.count("inbox") == told.count(200)


async def _answers_of(api: ApiProcess) -> list[int]:
    """Call, each time over a new connection, until no more is taken; return the answers' statuses."""
    statuses: list[int] = []
    while True:
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{api.url}/healthz") as answer:
                await answer.read()
                statuses.append(answer.status)
        except aiohttp.ClientError:
            return statuses


async def _is_refused(api: ApiProcess) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", api.port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False
