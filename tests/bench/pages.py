"""The dashboard's pages with 100,000 recordings of one tenant, each with a poster, as a browser asks for them."""

import asyncio
import json
import sqlite3
import time
from pathlib import Path

import aiohttp

from tests.bench import million
from tests.bench.figures import Figure, of
from tests.support.appliance import Appliance

_TOTAL = 100_000 * 5 // 3
_TIMES = 40
_PAGE_MS = 100
_PAGES = {
    "overview": "/",
    "rooms, 100 of 2,000 open": "/rooms",
    "recordings, newest 24": "/recordings",
    "recordings that failed": "/recordings?state=failed",
    "recordings of a room": "/recordings?room=bench-7",
    "search in the names of rooms": "/recordings?q=ench-12",
    "one recording": f"/recordings/{million.recording_id(_TOTAL // 2 // 5 * 5)}",
    "audit log": "/audit?all=1",
}
_POSTERS = """INSERT OR IGNORE INTO previews (recording_id, poster_key, storyboard, created_at_ms)
    SELECT id, object_key || '.jpg', '{"tile_width":160,"tile_height":90,"interval_ms":5000,"sheets":[]}', 1
    FROM recordings WHERE tenant_id = ?"""


def _fill(database: Path) -> None:
    million.fill(database, _TOTAL)
    with sqlite3.connect(database) as connection:
        connection.execute(_POSTERS, (million.BIG,))
    connection.close()


async def _sign_in(session: aiohttp.ClientSession, appliance: Appliance) -> None:
    made = await asyncio.to_thread(appliance.command, "admin", "password", "--json")
    form = {"name": "admin", "password": json.loads(made.stdout)["password"]}
    async with session.post("/sign-in", data=form, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()


async def _times_ms(session: aiohttp.ClientSession, path: str) -> list[float]:
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        async with session.get(path) as answer:
            await answer.read()
            assert answer.status == 200, path
        took.append((time.perf_counter() - began) * 1000)
    return took


async def measure(appliance: Appliance) -> list[Figure]:
    """Fill the database while the appliance is stopped, then ask over HTTP on one connection."""
    await asyncio.to_thread(appliance.stop)
    await asyncio.to_thread(_fill, appliance.settings.database_path)
    await asyncio.to_thread(appliance.start)
    # A cookie of an address, which Python's jar does not take unless told so.
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(appliance.url, cookie_jar=jar) as session:
        await _sign_in(session, appliance)
        found = []
        for what, path in _PAGES.items():
            took = await _times_ms(session, path)
            found.append(
                of(f"dashboard: {what}", took, "ms", target=_PAGE_MS, beside=f"worst {max(took):.0f} ms")
            )
    return found
