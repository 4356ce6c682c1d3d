"""A customer's webhook endpoint."""

import asyncio
import json
from types import TracebackType
from typing import Self

from aiohttp import web


class Endpoint:
    """`async with Endpoint() as endpoint` listens at `endpoint.url` and keeps every delivery."""

    def __init__(self) -> None:
        self.deliveries: list[tuple[dict[str, str], bytes]] = []
        self._arrived = asyncio.Condition()
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app)
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        async with self._arrived:
            self.deliveries.append((headers, await request.read()))
            self._arrived.notify_all()
        return web.Response(status=200)

    def about(self, egress_id: str) -> list[tuple[dict[str, str], bytes]]:
        return [d for d in self.deliveries if json.loads(d[1]).get("egressId") == egress_id]

    async def wait_for(self, egress_id: str, timeout_s: float) -> tuple[dict[str, str], bytes]:
        async with asyncio.timeout(timeout_s), self._arrived:
            await self._arrived.wait_for(lambda: bool(self.about(egress_id)))
        return self.about(egress_id)[0]
