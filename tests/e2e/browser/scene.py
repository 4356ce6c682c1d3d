"""An appliance as it looks in a working week, for pictures: meetings, some of them recorded, one of which failed, and endpoints."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.e2e.browser.guests import Guest
from tests.support.appliance import Appliance
from tests.support.own_bucket import OwnBucket, make_own_bucket
from tests.support.webhook_sink import sink_of

_WAIT_S = 90
_LENGTH_S = 9
_ALL = ("Ada Lovelace", "Mary Jackson", "Edsger Dijkstra", "Grace Hopper")
_REVIEW = ("Ada Lovelace", "Charles Babbage", "Grace Hopper")
_DESIGN = ("Mary Jackson", "Edsger Dijkstra", "Barbara Liskov")


@dataclass
class Scene:
    """The ids of what the pictures show, by a word for it."""

    appliance: Appliance
    ids: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        status, answer = await asyncio.to_thread(self.appliance.call, method, path, body)
        assert status < 300, (method, path, answer)
        return answer

    async def recording(self, room: str, *wanted: str) -> dict[str, Any]:
        """Return the room's newest recording as soon as it has one of these states."""
        async with asyncio.timeout(_WAIT_S):
            while True:
                found = (await self.call("GET", f"/api/v1/recordings?room_id={room}&limit=1"))["data"]
                if found and found[0]["status"] in wanted:
                    return dict(found[0])
                await asyncio.sleep(0.2)

    async def guest(self, room: str, name: str, **how: Any) -> Guest:
        """Return somebody who is in the room as soon as the guest is entered; `how` is told to `Guest`."""
        asked = {"identity": name.partition(" ")[0].lower(), "name": name}
        token = await self.call("POST", f"/v1/rooms/{room}/tokens", asked)
        return Guest(token["url"], token["token"], name, **how)

    @asynccontextmanager
    async def people(self, room: str, *names: str, **how: Any) -> AsyncIterator[None]:
        """Have them be in the room and speak in turn while the block runs."""
        async with AsyncExitStack() as stack:
            for turn, name in enumerate(names):
                guest = await self.guest(room, name, turn=turn, turns=len(names), **how)
                await stack.enter_async_context(guest)
            yield

    @asynccontextmanager
    async def meeting(self, room: str, name: str, *people: str) -> AsyncIterator[None]:
        """Have them meet while the block runs, recorded."""
        await self.call("POST", "/v1/rooms", {"roomId": room, "name": name})
        async with self.people(room, *people):
            await self.call("POST", f"/v1/rooms/{room}/recording/start", {})
            yield

    async def record(self, room: str, name: str, *people: str) -> str:
        """Record a meeting to its end and return the recording's id."""
        async with self.meeting(room, name, *people):
            await asyncio.sleep(_LENGTH_S)
            await self.call("POST", f"/v1/rooms/{room}/recording/stop")
        return str((await self.recording(room, "ready"))["id"])

    async def record_in_vain(self, room: str, name: str, *people: str) -> str:
        """Record into a bucket whose key is taken away meanwhile."""
        own = await asyncio.to_thread(self._own_bucket)
        await self.call("PUT", "/v1/settings/storage", own.body())
        async with self.meeting(room, name, *people):
            await asyncio.to_thread(own.change_secret, "a-new-secret-of-somebody")
            await asyncio.sleep(2)
            await self.call("POST", f"/v1/rooms/{room}/recording/stop")
        failed = str((await self.recording(room, "failed"))["id"])
        await self.call("DELETE", "/v1/settings/storage")
        return failed

    def _own_bucket(self) -> OwnBucket:
        return make_own_bucket(self.appliance.settings.storage, "old-bucket")

    async def mend(self) -> None:
        """Give the bucket its key back and have the recording that failed tried again: then everything agrees."""
        await asyncio.to_thread(self._own_bucket)
        await self.call("POST", f"/api/v1/recordings/{self.ids['failed']}/retry")
        await self.recording("interview", "ready")
        told = await asyncio.to_thread(self.appliance.command, "reconcile")
        assert told.returncode == 0, told.stdout

    async def pause(self, room: str) -> None:
        """Pause the room's recording as soon as it has begun."""
        async with asyncio.timeout(_WAIT_S):
            while True:
                path = f"/v1/rooms/{room}/recording/pause"
                status, answer = await asyncio.to_thread(self.appliance.call, "POST", path)
                if status == 200:
                    return
                assert answer["error"]["code"] == "recording_not_begun", answer
                await asyncio.sleep(0.2)

    async def clip(self, recording: str, label: str, start_s: float, end_s: float) -> str:
        body = {"label": label, "start_seconds": start_s, "end_seconds": end_s}
        made = await self.call("POST", f"/v1/recordings/{recording}/clips", body)
        async with asyncio.timeout(_WAIT_S):
            while (await self.call("GET", f"/v1/clips/{made['clip_id']}"))["status"] == "processing":
                await asyncio.sleep(0.2)
        return str(made["clip_id"])


async def _broken(_request: web.Request) -> web.Response:
    return web.Response(status=500, text='{"error": "the queue is full"}', content_type="application/json")


@asynccontextmanager
async def week(appliance: Appliance) -> AsyncIterator[Scene]:
    """Meet, record, cut, fail and archive; while the block runs the endpoints are there."""
    made = Scene(appliance)
    async with sink_of() as sink, sink_of(_broken) as broken:
        kept = await made.call("POST", "/v1/webhooks", {"url": sink.url})
        refused = await made.call("POST", "/v1/webhooks", {"url": broken.url, "events": ["egress_ended"]})
        ids = made.ids = {"endpoint": kept["id"], "broken": refused["id"]}
        ids["archived"] = await made.record("all-hands", "All hands", *_ALL)
        ids["failed"] = await made.record_in_vain(
            "interview", "Customer interview", "Alan Turing", "Radia Perlman"
        )
        ids["ready"] = await made.record("weekly-review", "Weekly review", *_REVIEW)
        ids["clip"] = await made.clip(ids["ready"], "The decision", 2, 6)
        await made.clip(ids["ready"], "Who takes it on", 4.5, 7)
        await made.call("POST", f"/api/v1/recordings/{ids['archived']}/archive")
        yield made


@asynccontextmanager
async def today(made: Scene) -> AsyncIterator[None]:
    """While the block runs one meeting is recorded, another is paused, and a hall waits for people."""
    await made.call("POST", "/v1/halls", {"name": "Support desk", "max_participants": 20, "record": True})
    async with (
        made.meeting("design", "Design of the second version", *_DESIGN),
        made.meeting("board", "Board", "Mark Dean", "Radia Perlman"),
    ):
        await made.pause("board")
        yield
