"""The composition root of `rtcstack doctor`: what it asks the foreign systems themselves."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from rtcstack.adapters.crypto.configured import keyring
from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.guarded_pool import guarded_pool
from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.adapters.s3.check import probe
from rtcstack.adapters.s3.client import client
from rtcstack.adapters.sql.examine import endpoints, examine
from rtcstack.doctor.asking import ahead_of_us_s
from rtcstack.doctor.scene import Scene, look
from rtcstack.domain.sealing import key_missing
from rtcstack.ports.doctor import DatabaseState
from rtcstack.ports.fleet import FleetCapacity
from rtcstack.ports.storage import Permissions
from rtcstack.settings import Settings
from rtcstack.settings.loading import Fault
from rtcstack.settings.reach import may_reach_loopback

_MOST_STORES = 8
_CHECK_KEY = ".rtcstack-check"


def _ahead_s(pool: urllib3.PoolManager, url: str) -> float | None:
    began_s = time.time()
    try:
        answer = pool.request("GET", url)
    except (HTTPError, OSError, ValueError):
        return None
    return ahead_of_us_s(answer.headers.get("Date"), began_s, time.time())


async def open_scene(settings: Settings, environ: Mapping[str, str], faults: tuple[Fault, ...]) -> Scene:
    """Return what every check is given."""
    return await look(settings, environ, faults, _Outside(settings))


class _Outside:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def database(self) -> DatabaseState | None:
        path = self._settings.database_path
        if not path.is_file():
            return None
        state, used = await asyncio.to_thread(examine, path)
        keys = keyring(self._settings.sealing)
        lost = [kek_id for kek_id in sorted(used) if not keys.opens(kek_id)]
        return replace(state, key_fault=key_missing(lost[0]).message) if lost else state

    async def store_clocks(self) -> Mapping[str, float]:
        own = self._settings
        guard = AddressGuard(own.storage.allow_networks, allow_loopback=may_reach_loopback(own))
        pool = guarded_pool(guard, timeout=urllib3.Timeout(connect=2, read=3), maxsize=_MOST_STORES)
        asked = await asyncio.to_thread(endpoints, own.database_path, _MOST_STORES)
        try:
            found = await asyncio.gather(*(asyncio.to_thread(_ahead_s, pool, url) for url in asked))
        finally:
            pool.clear()
        ahead_s = {urlsplit(url).hostname or url: s for url, s in zip(asked, found, strict=True)}
        return {host: s for host, s in ahead_s.items() if s is not None}

    async def try_store(self) -> Permissions:
        own = self._settings.storage
        store = client(
            own.url, own.access_key.get_secret_value(), own.secret_key.get_secret_value(), own.region
        )
        key = f"{_CHECK_KEY}-{uuid.uuid4().hex}"
        return await asyncio.to_thread(partial(probe, store, own.bucket, key))

    async def capacity(self) -> FleetCapacity:
        fleet = FleetReadiness(self._settings.redis)
        try:
            return await fleet.capacity()
        finally:
            await fleet.close()
