"""Tenants of the running appliance, with rooms to record and buckets to record into."""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from tests.support.appliance import Appliance
from tests.support.own_bucket import OwnBucket, make_own_bucket

CANARY = "CANARY-s3cr3t"
"""Every secret key begins so."""
STORAGE = "/v1/settings/storage"
_WAIT_S = 60
_SMALL = Media(width=320, height=180)


@dataclass
class Tenant:
    name: str
    http: httpx.AsyncClient
    stack: AsyncExitStack

    async def use(self, own: OwnBucket, **other: Any) -> dict[str, Any]:
        answer = await self.http.put(STORAGE, json=own.body(**other))
        return dict(answer.raise_for_status().json())

    async def begin(self, room_id: str) -> None:
        """Have somebody join a room and record it."""
        (await self.http.post("/v1/rooms", json={"roomId": room_id})).raise_for_status()
        answer = await self.http.post(f"/v1/rooms/{room_id}/tokens", json={"identity": "ada"})
        token = answer.raise_for_status().json()
        await self.stack.enter_async_context(Participant(token["url"], token["token"], 0, _SMALL))
        (await self.http.post(f"/v1/rooms/{room_id}/recording/start")).raise_for_status()
        await self.until(room_id, "recording")

    async def end(self, room_id: str, status: str = "ready") -> dict[str, Any]:
        """Stop it and return the library's recording once it is `status`."""
        (await self.http.post(f"/v1/rooms/{room_id}/recording/stop")).raise_for_status()
        return await self.until(room_id, status)

    async def until(self, room_id: str, status: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in range(_WAIT_S * 10):
            rooms = (await self.http.get(f"/v1/rooms/{room_id}/recordings")).raise_for_status().json()
            answer = await self.http.get("/api/v1/recordings", params={"room_id": room_id, "limit": 1})
            found = answer.raise_for_status().json()["data"][0]
            if status in {found["status"], rooms[0]["status"]}:
                return dict(found)
            await asyncio.sleep(0.1)
        pytest.fail(f"the recording of {room_id} is {found}, not {status}, after {_WAIT_S} s")

    async def moved(self, recording_id: str) -> dict[str, Any]:
        """Return the recording once its file has come to the archive."""
        found: dict[str, Any] = {}
        for _ in range(_WAIT_S * 10):
            answer = await self.http.get(f"/api/v1/recordings/{recording_id}")
            found = answer.raise_for_status().json()["data"]
            if found["transfer"] != "pending":
                return found
            await asyncio.sleep(0.1)
        pytest.fail(f"{found} is still being moved after {_WAIT_S} s")

    async def download(self, recording_id: str) -> httpx.Response:
        return await self.http.get(f"/api/v1/recordings/{recording_id}/download")

    async def fetch(self, recording_id: str) -> tuple[str, bytes]:
        """Return the link and what is behind it."""
        link = (await self.download(recording_id)).raise_for_status().json()["download_url"]
        async with httpx.AsyncClient() as plain:
            return link, (await plain.get(link)).raise_for_status().content


class Tenants:
    def __init__(self, appliance: Appliance) -> None:
        self._appliance = appliance
        self._stack = AsyncExitStack()

    async def make(self, name: str) -> Tenant:
        made = await asyncio.to_thread(self._appliance.command, "keys", "create", "--tenant", name, "--json")
        assert made.returncode == 0, made.stderr
        headers = {"authorization": f"Bearer {json.loads(made.stdout)['key']}"}
        http = httpx.AsyncClient(base_url=self._appliance.url, headers=headers, timeout=40)
        return Tenant(name, await self._stack.enter_async_context(http), self._stack)

    def bucket(self, name: str, *actions: str) -> OwnBucket:
        return make_own_bucket(self._appliance.settings.storage, name, *actions, secret=f"{CANARY}-{name}")

    async def close(self) -> None:
        await self._stack.aclose()
