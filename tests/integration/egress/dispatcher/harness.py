"""A worker in a process of its own, LiveKit's webhooks received, and the ordinary Egress API to drive it all."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import redis
from aiohttp import web
from livekit import api

from rtcstack.domain.loss import SEPARATOR
from rtcstack.domain.notes import read_notes
from rtcstack.egress.spool import RECORDER_LOCK
from rtcstack.settings import Settings
from rtcstack.spawn import spawn_argv
from tests.support.environment import outer_environment

PATIENCE_S = 60.0
_START_CHANNEL = "EgressInternal|StartEgress|REQ"


class WorkerProcess:
    """`rtcstack egress` with a spool of its own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.spool = folder / "spool"
        self.log = folder / "worker.log"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        argv = spawn_argv("egress", "--data", str(self._settings.data))
        environment = {**outer_environment(), **_environment(self._settings), **more}
        environment["RTCSTACK_EGRESS__SPOOL"] = str(self.spool)
        self._process = self._spawn(argv, environment)
        bus = self._settings.redis
        with redis.Redis(port=bus.port, password=bus.password.get_secret_value()) as client:
            self._wait_until(lambda: client.pubsub_numsub(_START_CHANNEL)[0][1] > 0)

    def _spawn(self, argv: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(argv, env=environment, stdout=out, stderr=out)

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def wait(self) -> int:
        """Return the exit status."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, PATIENCE_S)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def keep_to(self, cpus: set[int]) -> None:
        """Let its own thread have these processors alone; so those are what it has for recordings. Its recorders may have all."""
        assert self._process is not None
        os.sched_setaffinity(self._process.pid, cpus)

    def recorder_pid(self, egress_id: str) -> int:
        return int((self.spool / egress_id / RECORDER_LOCK).read_text())

    def zygote_pid(self) -> int:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return int(children[0]) if children else 0

    async def wait_for_new_zygote(self, old_pid: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.zygote_pid() in {0, old_pid}:
                await asyncio.sleep(0.05)

    def folders(self) -> list[str]:
        return [path.name for path in self.spool.iterdir() if path.is_dir()]

    async def until_logged(self, words: str) -> None:
        """Return when its log, or a recorder's in it, has these words."""
        async with asyncio.timeout(PATIENCE_S):
            while words not in self.log.read_text():
                await asyncio.sleep(0.05)

    async def wait_until_empty(self) -> None:
        """Return when the spool holds no egress: LiveKit has acknowledged the end of each."""
        async with asyncio.timeout(PATIENCE_S):
            while self.folders():
                await asyncio.sleep(0.05)

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the worker did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)


def sentences(info: dict[str, Any]) -> list[str]:
    """Return what LiveKit was told of an egress, but for the notes: on a busy machine there may be fewer pictures."""
    notes = read_notes(info["details"])
    return [one for one in info["details"].split(SEPARATOR) if one not in notes]


class Hooks:
    """What LiveKit told of egresses, in order."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._arrived = asyncio.Condition()

    def of(self, egress_id: str) -> list[tuple[str, str]]:
        """Return event names and statuses of one egress."""
        found = [event for event in self.events if event["egressInfo"]["egressId"] == egress_id]
        return [(event["event"], event["egressInfo"].get("status", "EGRESS_STARTING")) for event in found]

    async def wait_for(self, egress_id: str, event: str, status: str = "") -> dict[str, Any]:
        """Return the egress info of the event, once it has come."""

        def find() -> dict[str, Any] | None:
            for item in self.events:
                info = item["egressInfo"]
                if (
                    info["egressId"] == egress_id
                    and item["event"] == event
                    and status in info.get("status", "")
                ):
                    return dict(info)
            return None

        async with self._arrived:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._arrived.wait_for(lambda: find() is not None)
            except TimeoutError:
                raise AssertionError(
                    f"no {event} {status} of {egress_id}, only {self.of(egress_id)}"
                ) from None
        found = find()
        assert found is not None
        return found

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.json()
        if "egressInfo" in body:
            async with self._arrived:
                self.events.append(body)
                self._arrived.notify_all()
        return web.Response()


@asynccontextmanager
async def receiving(settings: Settings) -> AsyncIterator[Hooks]:
    """Take the webhooks where LiveKit's configuration sends them: to the API's port."""
    hooks, app = Hooks(), web.Application()
    app.router.add_post("/hooks/livekit", hooks.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, settings.api.host, settings.api.port).start()
    try:
        yield hooks
    finally:
        await runner.cleanup()


class Caller:
    """LiveKit's ordinary API, as a caller uses it."""

    def __init__(self, lk: api.LiveKitAPI, room_name: str) -> None:
        self.lk = lk
        self.room_name = room_name

    async def start(self, **file: Any) -> api.EgressInfo:
        output = api.EncodedFileOutput(**{"filepath": f"{self.room_name}/take.mp4", **file})
        request = api.RoomCompositeEgressRequest(room_name=self.room_name, file_outputs=[output])
        return await self.lk.egress.start_room_composite_egress(request)

    async def stop(self, egress_id: str) -> api.EgressInfo:
        return await self.lk.egress.stop_egress(api.StopEgressRequest(egress_id=egress_id))

    async def get(self, egress_id: str) -> api.EgressInfo:
        listed = await self.lk.egress.list_egress(api.ListEgressRequest(egress_id=egress_id))
        return listed.items[0]

    async def delete_room(self) -> None:
        await self.lk.room.delete_room(api.DeleteRoomRequest(room=self.room_name))


def end_process(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _environment(settings: Settings) -> dict[str, str]:
    own, store = settings.livekit, settings.storage
    return {
        "RTCSTACK_LIVEKIT__PORT": str(own.port),
        "RTCSTACK_REDIS__PORT": str(settings.redis.port),
        "RTCSTACK_STORAGE__PORT": str(store.port),
    }
