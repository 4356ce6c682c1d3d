"""The join page of an API in this process, on the real LiveKit, Redis and MinIO; no Egress worker is there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from rtcstack.settings import Settings
from tests.integration.api.conftest import Api, api_settings, open_api
from tests.integration.api.conftest import fresh as fresh_api

__all__ = ["api_settings", "fresh_api"]
WRONG_AT_ONCE = 3


@dataclass
class Stranger:
    """Somebody with a browser and no key."""

    http: httpx.AsyncClient

    async def enter(self, path: str, body: Any) -> httpx.Response:
        return await self.http.post(f"{path}/enter", json=body)


@pytest.fixture
def fresh(fresh_api: Settings) -> Settings:  # the fixture that is imported
    """Return settings under which a few wrong links are too many, and rooms are open by their names."""
    limits = fresh_api.limits.model_copy(
        update={"enabled": True, "wrong_key_burst": WRONG_AT_ONCE, "wrong_key_per_s": 0.0001}
    )
    join = fresh_api.join.model_copy(update={"open_rooms": True, "frame_ancestors": ("https://a.example",)})
    return fresh_api.model_copy(update={"limits": limits, "join": join})


@pytest.fixture
async def api(fresh: Settings) -> AsyncIterator[Api]:
    async with open_api(fresh) as opened:
        yield opened


@pytest.fixture
async def stranger(api: Api) -> AsyncIterator[Stranger]:
    async with httpx.AsyncClient(base_url=api.http.base_url, verify=False, timeout=40) as http:
        yield Stranger(http)


async def invited(api: Api, room_id: str, tenant: str = "default", **asked: Any) -> str:
    """Return the path of a new link."""
    headers = await api.key(tenant)
    made = await api.http.post(f"/v1/rooms/{room_id}/invites", json=asked, headers=headers)
    return str(httpx.URL(made.raise_for_status().json()["url"]).path)
