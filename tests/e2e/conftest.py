"""A caller of the running appliance, as a customer's program is one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from tests.e2e.endpoint import Endpoint
from tests.e2e.tenants import Tenants
from tests.support.appliance import Appliance

_WAIT_S = 60


@dataclass
class Caller:
    """Calls the API with one key and receives its webhooks."""

    http: httpx.AsyncClient
    endpoint: Endpoint
    secret: str
    folder: Path
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def room(self, room_id: str, **fields: Any) -> str:
        (await self.http.post("/v1/rooms", json={"roomId": room_id, **fields})).raise_for_status()
        return room_id

    async def join(self, room_id: str, index: int, **media: Any) -> Participant:
        """Have participant `index` join and publish until the test ends, or until it leaves."""
        answer = await self.http.post(f"/v1/rooms/{room_id}/tokens", json={"identity": f"person-{index}"})
        token = answer.raise_for_status().json()
        return await self._stack.enter_async_context(
            Participant(token["url"], token["token"], index, Media(**media))
        )

    async def start(self, room_id: str, **options: Any) -> dict[str, Any]:
        answer = await self.http.post(f"/v1/rooms/{room_id}/recording/start", json=options)
        return dict(answer.raise_for_status().json())

    async def stop(self, room_id: str) -> dict[str, Any]:
        return dict((await self.http.post(f"/v1/rooms/{room_id}/recording/stop")).raise_for_status().json())

    async def status(self, room_id: str) -> dict[str, Any]:
        return dict((await self.http.get(f"/v1/rooms/{room_id}/recording")).raise_for_status().json())

    async def recordings(self, room_id: str) -> list[dict[str, Any]]:
        return list((await self.http.get(f"/v1/rooms/{room_id}/recordings")).raise_for_status().json())

    async def ended(self, egress_id: str) -> dict[str, Any]:
        """Return the verified `egress_ended` of that egress, once it arrives."""
        headers, body = await self.endpoint.wait_for(egress_id, _WAIT_S)
        return dict(Webhook(self.secret).verify(body, headers))

    async def download(self, room_id: str) -> Path:
        """Fetch the room's newest recording through its link."""
        link = (await self.recordings(room_id))[0]["downloadUrl"]
        async with httpx.AsyncClient() as plain:
            content = (await plain.get(link)).raise_for_status().content
        file = self.folder / f"{room_id}.mp4"
        file.write_bytes(content)
        return file

    async def until_active(self, room_id: str) -> None:
        async with asyncio.timeout(_WAIT_S):
            while (await self.start(room_id))["status"] != "active":
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def open_caller(appliance: Appliance, folder: Path) -> AsyncIterator[Caller]:
    headers = {"authorization": f"Bearer {appliance.api_key}"}
    async with (
        Endpoint() as endpoint,
        httpx.AsyncClient(base_url=appliance.url, headers=headers, timeout=30) as http,
    ):
        webhook = (await http.post("/v1/webhooks", json={"url": endpoint.url})).raise_for_status().json()
        caller = Caller(http, endpoint, webhook["secret"], folder)
        try:
            yield caller
        finally:
            await caller.close()
            with suppress(httpx.HTTPError):
                await http.delete(f"/v1/webhooks/{webhook['id']}")


@pytest.fixture
async def caller(appliance: Appliance, tmp_path: Path) -> AsyncIterator[Caller]:
    async with open_caller(appliance, tmp_path) as opened:
        yield opened


@pytest.fixture
async def tenants(appliance: Appliance) -> AsyncIterator[Tenants]:
    made = Tenants(appliance)
    yield made
    await made.close()
