"""A receiver that is down for a minute: what arrives of our events, and what of a LiveKit's own webhooks, in one run.

Once a second a hall is made here, and a room in a second LiveKit that posts its webhooks to a receiver itself. Both receivers
begin to listen at the same instant.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from livekit import api

from rtcstack.appliance.provision import provision
from tests.bench.figures import Figure
from tests.support.appliance import Appliance
from tests.support.environment import outer_environment
from tests.support.ports import free_port

_DOWN_S, _AFTER_S = 60, 30
_WANTED_S = 10.0
_OURS = "rtcstack"
_KEY, _SECRET = "bench", "a secret of the bench that is long enough"
_CONFIG = """
port: {port}
bind_addresses: ["127.0.0.1"]
rtc: {{tcp_port: {tcp}, udp_port: {udp}, node_ip: 127.0.0.1, use_external_ip: false, stun_servers: []}}
keys: {{{key}: {secret}}}
webhook: {{api_key: {key}, urls: ["{url}"]}}
logging: {{level: error}}
"""


class _Receiver:
    """Notes which rooms it was told of, and when; listens only inside `listening`."""

    def __init__(self) -> None:
        self.port, self.told_at = free_port(), dict[str, float]()
        self.times = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def _take(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        name = _room_of(body)
        if name:
            self.times += 1
            self.told_at.setdefault(name, time.perf_counter())
        return web.Response()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield
        finally:
            await runner.cleanup()


def _room_of(body: dict[str, Any]) -> str:
    """Return the hall of a `hall.created`, the room of a `room_started`, nothing of anything else."""
    if body["event"] == "hall.created":
        return str(body["data"]["hall_id"])
    return str(body["room"]["name"]) if body["event"] == "room_started" else ""


@asynccontextmanager
async def _livekit(appliance: Appliance, url: str) -> AsyncIterator[api.LiveKitAPI]:
    """Run a LiveKit of one node that posts its webhooks to `url`."""
    program = provision(appliance.settings, outer_environment()).livekit
    ports = {name: free_port() for name in ("port", "tcp", "udp")}
    config = _CONFIG.format(**ports, key=_KEY, secret=_SECRET, url=url)
    server = await asyncio.create_subprocess_exec(
        *(str(program), "--config-body", config),
        env=outer_environment(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    client = api.LiveKitAPI(f"http://127.0.0.1:{ports['port']}", _KEY, _SECRET)
    try:
        async with asyncio.timeout(30):
            while not await _answers(client):
                assert server.returncode is None, "the second LiveKit ended"
                await asyncio.sleep(0.1)
        yield client
    finally:
        await client.aclose()
        server.kill()
        await server.wait()


async def _answers(client: api.LiveKitAPI) -> bool:
    try:
        await client.room.list_rooms(api.ListRoomsRequest())
    except (aiohttp.ClientError, api.ServerError):
        return False
    return True


async def _make(livekit: api.LiveKitAPI, session: aiohttp.ClientSession) -> tuple[list[str], list[str]]:
    """Make a hall here and a room there once a second while both receivers are down; return the names."""
    halls, rooms = [], []
    began = time.perf_counter()
    for n in range(_DOWN_S):
        async with session.post("/v1/halls", json={"name": f"down-{n}"}) as answer:
            answer.raise_for_status()
            halls.append((await answer.json())["hall_id"])
        rooms.append(f"down-{n}")
        await livekit.room.create_room(api.CreateRoomRequest(name=rooms[-1]))
        await asyncio.sleep(max(0.0, began + n + 1 - time.perf_counter()))
    return halls, rooms


def _figures(name: str, receiver: _Receiver, made: list[str], back_at: float) -> list[Figure]:
    late = [receiver.told_at[room] - back_at for room in made if room in receiver.told_at]
    lost, twice = len(made) - len(late), receiver.times - len(receiver.told_at)
    said = f"{len(made)} events, {twice} came twice"
    last_s, target = max(late, default=0.0), _WANTED_S if name == _OURS else None
    return [
        Figure(f"events lost over a minute's outage of the receiver, {name}", lost, "", beside=said),
        Figure(f"until the last of those that arrived, after its return, {name}", last_s, "s", target),
    ]


async def measure(appliance: Appliance) -> list[Figure]:
    ours, theirs = _Receiver(), _Receiver()
    headers = {"authorization": f"Bearer {appliance.api_key}"}
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(appliance.url, headers=headers))
        livekit = await stack.enter_async_context(_livekit(appliance, theirs.url))
        asked = {"url": ours.url, "events": ["hall.created"]}
        async with session.post("/v1/webhooks", json=asked) as answer:
            webhook = (await answer.json())["id"]
        halls, rooms = await _make(livekit, session)
        await stack.enter_async_context(ours.listening())
        await stack.enter_async_context(theirs.listening())
        back_at = time.perf_counter()
        await asyncio.sleep(_AFTER_S)
        for path in (f"/v1/webhooks/{webhook}", *(f"/v1/halls/{hall}" for hall in halls)):
            await session.delete(path)
    found = _figures(_OURS, ours, halls, back_at)
    return [*found, *_figures("LiveKit's own webhooks", theirs, rooms, back_at)]
