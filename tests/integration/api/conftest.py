"""The API in this process, on the real LiveKit, Redis and MinIO; no Egress worker is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from rtcstack.adapters.http.look_ups import LookUp, system_look_up
from rtcstack.app import create_app
from rtcstack.bootstrap import Platform
from rtcstack.domain.api_key import Scope
from rtcstack.settings import Settings
from tests.support.database import put_database
from tests.support.single_part import SinglePart


@dataclass
class Api:
    """An API with an admin key of the tenant `default`."""

    http: httpx.AsyncClient
    platform: Platform
    settings: Settings

    async def key(self, tenant: str = "default", scope: Scope = Scope.ADMIN) -> dict[str, str]:
        """Return the headers of a caller of that tenant."""
        _, text = await self.platform.services.access.create_key(tenant, scope=scope)
        return {"authorization": f"Bearer {text}"}

    async def left_behind(self) -> int:
        """Return how many recordings anybody can still see."""
        rows = await self.platform._adapters.db.all("SELECT 1 FROM recordings WHERE deleted_at_ms IS NULL")
        return len(rows)

    async def count(self, table: str) -> int:
        row = await self.platform._adapters.db.find(f"SELECT count(*) AS n FROM {table}")
        assert row is not None
        return int(row["n"])


@asynccontextmanager
async def _serving(platform: Platform, settings: Settings) -> AsyncIterator[str]:
    app = create_app(settings, platform)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), task.result()
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def _client(url: str) -> httpx.AsyncClient:
    """Return one without TLS: to read the certificates would cost more than most tests."""
    return httpx.AsyncClient(base_url=url, timeout=40, verify=False)


@asynccontextmanager
async def open_api(settings: Settings, look_up: LookUp = system_look_up) -> AsyncIterator[Api]:
    platform = Platform(settings, look_up=look_up)
    async with _serving(platform, settings) as url, _client(url) as http:
        api = Api(http, platform, settings)
        http.headers.update(await api.key())
        yield api


@pytest.fixture(scope="session")
def api_settings(
    settings: Settings, livekit_server: SinglePart, minio_server: SinglePart, redis_server: SinglePart
) -> Settings:
    """Return settings that lead to the running servers."""
    del livekit_server, minio_server, redis_server
    return settings


@pytest.fixture
def fresh(api_settings: Settings, tmp_path: Path) -> Settings:
    """Return the same settings with a database of the test's own."""
    own = api_settings.model_copy(update={"data": tmp_path})
    put_database(own.database_path)
    return own


@pytest.fixture
async def api(fresh: Settings) -> AsyncIterator[Api]:
    async with open_api(fresh) as opened:
        yield opened
