"""A recorded meeting through the public API, as measurements need it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livekit import api as livekit

from rtcstack.demo.client import Client, fetch
from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from rtcstack.domain.notes import read_notes
from tests.support.appliance import Appliance

_READY_WITHIN_S = 60


@dataclass(frozen=True)
class Started:
    egress_id: str
    call_ms: float
    answered_at_s: float
    """Wall time of the answer."""


class Meeting:
    """A room of the running appliance, with its recording."""

    def __init__(self, appliance: Appliance, client: Client, room_id: str) -> None:
        self._appliance, self._client, self.room_id = appliance, client, room_id
        self._path = f"/v1/rooms/{room_id}"

    async def join(self, people: AsyncExitStack, count: int, media: Media) -> list[Participant]:
        """Let participants join; they leave when `people` closes."""
        joined = []
        for index in range(count):
            participant = Participant(*await self.token(f"bench-{index}"), index, media)
            joined.append(await people.enter_async_context(participant))
        return joined

    async def token(self, identity: str) -> tuple[str, str]:
        """Return LiveKit's address and a join token for somebody."""
        join = await self._client.call("POST", f"{self._path}/tokens", {"identity": identity})
        return join["url"], join["token"]

    async def promised(self) -> int:
        """Return how many recordings can be begun, as the appliance says, so that each gets every picture."""
        capacity = await self._client.call("GET", "/v1/capacity")
        return int(capacity["more"])

    async def start(self) -> Started:
        began = time.monotonic()
        answer = await self._client.call("POST", f"{self._path}/recording/start")
        call_ms = (time.monotonic() - began) * 1000
        return Started(answer["egressId"], call_ms, time.time())

    async def stop(self) -> dict[str, Any]:
        """Stop, and wait until the recording can be downloaded; return its entry in the list."""
        await self._client.call("POST", f"{self._path}/recording/stop")
        return await self.ready()

    async def ready(self) -> dict[str, Any]:
        """Wait until the recording can be downloaded; return its entry in the list."""
        deadline = time.monotonic() + _READY_WITHIN_S
        while True:
            page: list[dict[str, Any]] = await self._client.call("GET", f"{self._path}/recordings")
            if page and page[0].get("downloadUrl"):
                return page[0]
            assert not page or page[0]["status"] != "failed", page[0]
            assert time.monotonic() < deadline, f"not ready in {_READY_WITHIN_S} s: {page}"
            await asyncio.sleep(0.05)

    async def file(self, entry: dict[str, Any], folder: Path) -> Path:
        file = folder / f"{self.room_id}.mp4"
        file.write_bytes(await fetch(entry["downloadUrl"], "the log of minio"))
        return file

    async def first_frame_at_s(self, egress_id: str) -> float:
        """Return the wall time of the file's first frame, as the ended egress reports it to LiveKit."""
        return float((await self._egress(egress_id)).file_results[0].started_at / 1e9)

    async def notes(self, egress_id: str) -> tuple[str, ...]:
        """Return what the ended egress says of its recording: that the machine was overloaded, for one."""
        return read_notes((await self._egress(egress_id)).details)

    async def _egress(self, egress_id: str) -> livekit.EgressInfo:
        async with livekit_api(self._appliance) as api:
            found = await api.egress.list_egress(livekit.ListEgressRequest(egress_id=egress_id))
        return found.items[0]


def livekit_api(appliance: Appliance) -> livekit.LiveKitAPI:
    """Return LiveKit's own API, as one uses it without rtcstack."""
    settings = appliance.settings.livekit
    return livekit.LiveKitAPI(
        settings.http_url, settings.api_key.get_secret_value(), settings.api_secret.get_secret_value()
    )


@asynccontextmanager
async def hold(appliance: Appliance) -> AsyncIterator[Meeting]:
    """Make a room, delete it at the end."""
    async with Client(appliance.url, appliance.api_key, str(appliance.data / "logs")) as client:
        made = await client.call("POST", "/v1/rooms", {}, status=201)
        try:
            yield Meeting(appliance, client, made["roomId"])
        finally:
            await client.call("DELETE", f"/v1/rooms/{made['roomId']}", status=204)
