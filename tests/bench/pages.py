"""The dashboard's pages as a browser asks for them, with 100,000 recordings of one tenant and as much of all else."""

import asyncio
import json
import time

import aiohttp

from rtcstack.domain.recording_list import Cursor
from tests.bench import library, million
from tests.bench.figures import Figure, of
from tests.support.appliance import Appliance

_TIMES = 40
_PAGE_MS = 100
_FAR = Cursor(million.FIRST_MS + 1000 * million.EVERY_MS, million.recording_id(1000)).text()
_PAGES = {
    "overview": "/",
    "rooms, 50 of 2,000 open": "/rooms",
    "rooms, the last page": "/rooms?after=1.bench-10",
    "rooms, a search that finds nothing": "/rooms?q=nowhere",
    "one room": "/rooms/bench-7",
    "health of the parts": "/parts",
    "recordings, newest 24": "/recordings",
    "recordings, the last but 25 pages": f"/recordings?after={_FAR}",
    "recordings that failed": "/recordings?state=failed",
    "recordings that failed, far back": f"/recordings?state=failed&after={_FAR}",
    "recordings of a room": "/recordings?room=bench-7",
    "search in the names of rooms": "/recordings?q=ench-12",
    "the same, far back": f"/recordings?q=ench-12&after={_FAR}",
    "search that finds nothing": "/recordings?q=nowhere",
    "search that finds everything": "/recordings?q=e",
    "the same, far back ": f"/recordings?q=e&after={_FAR}",
    "search that many rooms without recordings match": "/recordings?q=week",
    "one recording": f"/recordings/{million.recording_id(library.TOTAL // 2 // 5 * 5)}",
    "clips, newest 30 of 100,000": "/clips",
    "clips, far back": f"/clips?before={library.clip_id(1000)}",
    "one clip": f"/clips/{library.clip_id(1000)}",
    "webhook endpoints": "/webhooks",
    "deliveries, newest 25 of 100,000": f"/webhooks/{library.ENDPOINT}",
    "deliveries, far back": f"/webhooks/{library.ENDPOINT}?cursor={library.event_id(1000)}",
    "deliveries that failed, of which there is none": f"/webhooks/{library.ENDPOINT}?state=failed",
    "audit log": "/audit?all=1",
    "audit log, far back": f"/audit?cursor={library.entry_id(1000)}",
    "settings: storage": "/settings/storage",
    "settings: keys": "/settings/keys",
    "settings: rules": "/settings/rules",
    "settings: tenants": "/settings/tenants",
    "what a page that is looked at asks again and again": "/?part=now",
}


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
    await asyncio.to_thread(library.fill, appliance.settings.database_path)
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
