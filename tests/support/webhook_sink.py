"""A customer's endpoint in the test's own loop, which answers as the test likes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

_WAIT_S = 20
Answer = Callable[[web.Request], Awaitable[web.Response]]


class Sink:
    """Keeps every delivery; `url` is where it listens."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def has(self, count: int) -> None:
        """Return when so many have come."""
        async with asyncio.timeout(_WAIT_S):
            while len(self.got) < count:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def sink_of(answer: Answer | None = None, port: int = 0) -> AsyncIterator[Sink]:
    """Listen while the block runs, on a free port unless one is given; each request is answered by `answer`."""
    sink = Sink()

    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        sink.got.append((headers, await request.read()))
        return await answer(request) if answer else web.Response(text="thanks")

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    sink.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield sink
    finally:
        await runner.cleanup()
