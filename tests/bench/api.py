"""The API with a million recordings: pages, totals and single ones, beside the plain way to ask the database."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import product
from statistics import median

import aiohttp

from rtcstack.adapters.livekit.tokens import join_token
from tests.bench import million, throughput
from tests.bench.figures import Figure, of
from tests.support.appliance import Appliance

_TIMES = 60
_DEPTH = 100_000
_PAGE_MS, _GET_MS, _TOKEN_MS = 10, 2, 0.5
_WHERE = "FROM recordings WHERE tenant_id = ? AND deleted_at_ms IS NULL"
_NEWEST = "ORDER BY started_at_ms DESC, id DESC LIMIT 20 OFFSET ?"


async def _times_ms(work: Callable[[], Awaitable[object]]) -> list[float]:
    await work()
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return took


def _plain_ms(appliance: Appliance, offset: int, status: str) -> float:
    """Count all rows and skip the first ones, as one would without thinking; straight on the file, no HTTP."""
    where = f"{_WHERE} AND state = '{status}'" if status else _WHERE
    with sqlite3.connect(f"file:{appliance.settings.database_path}?mode=ro", uri=True) as connection:
        took = []
        for _ in range(7):
            began = time.perf_counter()
            connection.execute(f"SELECT count(*) {where}", (million.BIG,)).fetchall()
            connection.execute(f"SELECT * {where} {_NEWEST}", (million.BIG, offset)).fetchall()
            took.append((time.perf_counter() - began) * 1000)
    connection.close()
    return median(took)


async def _page(session: aiohttp.ClientSession, offset: int, status: str) -> None:
    asked = {"limit": "20", "offset": str(offset), **({"status": status} if status else {})}
    async with session.get("/api/v1/recordings", params=asked) as answer:
        body = await answer.json()
    assert len(body["data"]) == 20, body
    assert body["meta"]["total"] == (million.BIG_READY if status else million.BIG_TOTAL)


async def _pages(session: aiohttp.ClientSession, appliance: Appliance) -> list[Figure]:
    found = []
    for status, offset in product(("", "ready"), (0, _DEPTH)):
        took = await _times_ms(partial(_page, session, offset, status))
        plain = _plain_ms(appliance, offset, status)
        beside = f"COUNT(*) and OFFSET on the file: {plain:.1f} ms: x{plain / median(took):.1f}"
        which = f"page of 20{f' with status={status}' if status else ''} at offset {offset}, total included"
        found.append(of(which, took, "ms", target=_PAGE_MS, beside=beside))
    return found


async def _one(session: aiohttp.ClientSession, recording_id: str) -> None:
    async with session.get(f"/v1/recordings/{recording_id}") as answer:
        assert (await answer.json())["recording_id"] == recording_id


def _tokens(appliance: Appliance) -> Figure:
    own = appliance.settings.livekit
    keys = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    took = []
    for n in range(1000):
        began = time.perf_counter()
        join_token(*keys, room="r", identity=str(n), name="", role="participant", ttl_s=60, shape=None)
        took.append((time.perf_counter() - began) * 1000)
    return Figure("minting a join token", median(took), "ms", _TOKEN_MS)


async def measure(appliance: Appliance) -> list[Figure]:
    """Fill the database while the appliance is stopped, then ask over HTTP on one connection."""
    key = appliance.api_key
    await asyncio.to_thread(appliance.stop)
    await asyncio.to_thread(million.fill, appliance.settings.database_path)
    await asyncio.to_thread(appliance.start)
    recording_id = million.recording_id(million.TOTAL // 2 + 5)
    headers = {"authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(appliance.url, headers=headers) as session:
        found = await _pages(session, appliance)
        one = await _times_ms(partial(_one, session, recording_id))
    found.append(of("one recording", one, "ms", target=_GET_MS))
    path = f"/v1/recordings/{recording_id}"
    found += await asyncio.to_thread(throughput.measure, appliance, path, "one recording")
    return [*found, _tokens(appliance)]
