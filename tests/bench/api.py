"""The API with a million recordings: pages, totals and single ones, beside the plain way to ask the database."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import median, quantiles

import aiohttp

from rtcstack.adapters.livekit.tokens import join_token
from tests.bench import million
from tests.bench.figures import Figure, of
from tests.support.appliance import Appliance

_TIMES = 60
_DEPTH = 100_000
_PAGE_MS, _GET_MS, _TOKEN_MS, _P99_MS = 10, 2, 0.5, 50
_WANTED_RPS = 1500
_LOAD_S, _CONNECTIONS = 10, 32
_COUNT = "SELECT count(*) FROM recordings WHERE tenant_id = ? AND deleted_at_ms IS NULL"
_OFFSET = """SELECT * FROM recordings WHERE tenant_id = ? AND deleted_at_ms IS NULL
    ORDER BY started_at_ms DESC, id DESC LIMIT 20 OFFSET ?"""


async def _times_ms(work: Callable[[], Awaitable[object]]) -> list[float]:
    await work()
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return took


def _plain_ms(appliance: Appliance, offset: int) -> float:
    """Count all rows and skip the first ones, as one would without thinking; straight on the file, no HTTP."""
    with sqlite3.connect(f"file:{appliance.settings.database_path}?mode=ro", uri=True) as connection:
        took = []
        for _ in range(7):
            began = time.perf_counter()
            connection.execute(_COUNT, (million.BIG,)).fetchall()
            connection.execute(_OFFSET, (million.BIG, offset)).fetchall()
            took.append((time.perf_counter() - began) * 1000)
    connection.close()
    return median(took)


async def _page(session: aiohttp.ClientSession, offset: int) -> None:
    async with session.get("/api/v1/recordings", params={"limit": 20, "offset": offset}) as answer:
        body = await answer.json()
    assert len(body["data"]) == 20, body
    assert body["meta"]["total"] == million.TOTAL * 3 // 5


async def _one(session: aiohttp.ClientSession, recording_id: str) -> None:
    async with session.get(f"/v1/recordings/{recording_id}") as answer:
        assert (await answer.json())["recording_id"] == recording_id


def _load(appliance: Appliance, recording_id: str) -> list[Figure]:
    url = f"{appliance.url}/v1/recordings/{recording_id}"
    words = (url, appliance.api_key, str(_LOAD_S), str(_CONNECTIONS))
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", *words], capture_output=True, text=True, check=True
    )
    took_ms = json.loads(ran.stdout)
    p99 = quantiles(took_ms, n=100)[98]
    beside = f"wanted at least {_WANTED_RPS}"
    return [
        Figure(
            "requests of one recording a second, 32 connections", len(took_ms) / _LOAD_S, "/s", None, beside
        ),
        Figure("99th percentile of their latency", p99, "ms", _P99_MS),
    ]


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
    recording_id = f"rec_{million.TOTAL // 2 // 5 * 5:026d}"
    headers = {"authorization": f"Bearer {key}"}
    found = []
    async with aiohttp.ClientSession(appliance.url, headers=headers) as session:
        for offset in (0, _DEPTH):
            took = await _times_ms(lambda offset=offset: _page(session, offset))  # type: ignore[misc]
            plain = _plain_ms(appliance, offset)
            beside = f"COUNT(*) and OFFSET on the file: {plain:.1f} ms: x{plain / median(took):.1f}"
            found.append(
                of(
                    f"page of 20 at offset {offset}, total included",
                    took,
                    "ms",
                    target=_PAGE_MS,
                    beside=beside,
                )
            )
        one = await _times_ms(lambda: _one(session, recording_id))
        found.append(of("one recording", one, "ms", target=_GET_MS))
    return [*found, *await asyncio.to_thread(_load, appliance, recording_id), _tokens(appliance)]
