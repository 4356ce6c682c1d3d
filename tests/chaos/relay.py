"""Between LiveKit and the API: takes LiveKit's webhooks where they are posted, keeps them, passes them on or does not."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from livekit import api

from rtcstack.settings import Settings
from tests.chaos.livekit_events import HOOK
from tests.chaos.waiting import until

_PASSED = ("authorization", "content-type")


class Relay:
    """`target` is the API's address, or None: then what comes is kept, and LiveKit told that nobody is there (503).

    While `takes_all` LiveKit is told that everything has arrived, and nothing is passed on.
    """

    def __init__(self, http: aiohttp.ClientSession, livekit: api.LiveKitAPI) -> None:
        self._http, self._livekit = http, livekit
        self.target: str | None = None
        self.takes_all = False
        self.bodies: list[bytes] = []
        self.passed_on: list[dict[str, Any]] = []

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.bodies.append(body)
        if self.takes_all:
            return web.Response()
        return web.Response(status=await self._pass_on(body, request))

    async def _pass_on(self, body: bytes, request: web.Request) -> int:
        if self.target is None:
            return 503
        headers = {name: request.headers[name] for name in _PASSED}
        try:
            async with self._http.post(f"{self.target}{HOOK}", data=body, headers=headers) as answer:
                if answer.status == 200:
                    self.passed_on.append(json.loads(body))
                return answer.status
        except aiohttp.ClientError:
            return 503

    def about(self, egress_id: str) -> list[bytes]:
        return [b for b in self.bodies if json.loads(b).get("egressInfo", {}).get("egressId") == egress_id]

    async def has(self, egress_id: str, event: str, status: str) -> None:
        """Return once LiveKit has told that."""

        async def is_told() -> bool:
            told = [json.loads(body) for body in self.about(egress_id)]
            return any(e["event"] == event and e["egressInfo"].get("status") == status for e in told)

        await until(is_told, f"LiveKit tells {event} {status}")

    async def stop_egress(self, egress_id: str) -> None:
        await self._livekit.egress.stop_egress(api.StopEgressRequest(egress_id=egress_id))

    async def whole_story(self, egress_id: str) -> list[bytes]:
        """End the egress; return every event about it, none of which has reached the API."""
        self.takes_all = True
        await self.has(egress_id, "egress_updated", "EGRESS_ACTIVE")
        await self.stop_egress(egress_id)
        await self.has(egress_id, "egress_ended", "EGRESS_COMPLETE")
        return self.about(egress_id)


@asynccontextmanager
async def relaying(settings: Settings) -> AsyncIterator[Relay]:
    """Listen where LiveKit's configuration sends its webhooks: at the API's port."""
    own = settings.livekit
    key, secret = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    async with aiohttp.ClientSession() as http, api.LiveKitAPI(own.http_url, key, secret) as livekit:
        relay, app = Relay(http, livekit), web.Application()
        app.router.add_post(HOOK, relay.take)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, settings.api.host, settings.api.port).start()
        try:
            yield relay
        finally:
            await runner.cleanup()
