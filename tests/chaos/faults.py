"""What may happen to an appliance at any moment."""

import asyncio
import os
import signal
import urllib.error
from collections.abc import Awaitable, Callable, Mapping

import redis.asyncio

from rtcstack.appliance import marker
from rtcstack.egress.spool import RECORDER_LOCK
from tests.chaos.waiting import until
from tests.support.appliance import Appliance

Fault = Callable[[Appliance], Awaitable[None]]


def kill_worker(appliance: Appliance) -> None:
    """Kill the Egress worker with its zygote and its recorders, all at once."""
    for process in marker.processes(appliance.data):
        if process.part == "egress":
            process.send(signal.SIGKILL)
        process.close()


def _kill(part: str) -> Fault:
    async def kill(appliance: Appliance) -> None:
        os.kill((await asyncio.to_thread(appliance.part, part))["pid"], signal.SIGKILL)

    return kill


async def _kill_workers(appliance: Appliance) -> None:
    kill_worker(appliance)


async def _kill_recorders(appliance: Appliance) -> None:
    for lock in appliance.settings.spool_path.glob(f"*/{RECORDER_LOCK}"):
        if pid := lock.read_text().strip():
            _kill_if_there(int(pid))


def _kill_if_there(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # its recording had ended
        return


async def _flush_redis(appliance: Appliance) -> None:
    bus = appliance.settings.redis
    async with redis.asyncio.Redis(port=bus.port, password=bus.password.get_secret_value()) as client:
        await client.flushall()


FAULTS: Mapping[str, Fault] = {
    "the API is killed": _kill("api"),
    "the Egress worker is killed": _kill_workers,
    "the recorder is killed": _kill_recorders,
    "LiveKit is killed": _kill("livekit"),
    "Redis is killed": _kill("redis"),
    "Redis forgets everything": _flush_redis,
    "MinIO is killed": _kill("minio"),
}


async def until_well(appliance: Appliance) -> None:
    """Return once every part answers."""

    async def is_well() -> bool:
        try:
            status, _ = await asyncio.to_thread(appliance.call, "GET", "/readyz")
        except (urllib.error.URLError, OSError, ValueError):
            return False
        return status == 200

    await until(is_well, "every part answers again")
