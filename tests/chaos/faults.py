"""What may happen to an appliance at any moment."""

import asyncio
import os
import signal
import urllib.error
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import redis.asyncio

from rtcstack.appliance import marker, state
from rtcstack.egress.spool import RECORDER_LOCK
from tests.chaos.waiting import until
from tests.support.appliance import Appliance
from tests.support.standstill import standing_still, stop_still

_STANDS_S = 3
Fault = Callable[[Appliance], Awaitable[None]]


def kill_worker(appliance: Appliance) -> None:
    """Kill the Egress worker with its zygote and its recorders, all at once: none sees another one die before it does."""
    processes = marker.processes(appliance.data)
    worker = [process for process in processes if process.part == "egress"]
    for process in worker:
        with suppress(ProcessLookupError):  # it had done its work
            stop_still(process.pid)
    for process in worker:
        process.send(signal.SIGKILL)
    for process in processes:
        process.close()


def _send(part: str, number: signal.Signals) -> Fault:
    async def send(appliance: Appliance) -> None:
        os.kill(await _pid(appliance, part), number)

    return send


def _let_stand(part: str) -> Fault:
    async def let_stand(appliance: Appliance) -> None:
        with standing_still(await _pid(appliance, part)):
            await asyncio.sleep(_STANDS_S)

    return let_stand


async def _pid(appliance: Appliance, part: str) -> int:
    """Return once it has a process that lives: one that was asked to stop before may just have gone."""
    found: list[int] = []

    async def has_process() -> bool:
        snapshot = state.read(appliance.folder)
        found[:] = [p.pid for p in snapshot.parts if p.name == part and p.pid] if snapshot else []
        return bool(found)

    await until(has_process, f"{part} has a process")
    return found[0]


async def _kill_workers(appliance: Appliance) -> None:
    kill_worker(appliance)


async def _kill_recorders(appliance: Appliance) -> None:
    for lock in appliance.settings.spool_path.glob(f"*/{RECORDER_LOCK}"):
        if pid := lock.read_text().strip():
            _kill_if_there(int(pid))


def _kill_if_there(pid: int) -> None:
    with suppress(ProcessLookupError):  # its recording had ended
        os.kill(pid, signal.SIGKILL)


async def _flush_redis(appliance: Appliance) -> None:
    bus = appliance.settings.redis
    async with redis.asyncio.Redis(port=bus.port, password=bus.password.get_secret_value()) as client:
        await client.flushall()


_PARTS = {
    "api": "the API",
    "egress": "the Egress worker",
    "livekit": "LiveKit",
    "redis": "Redis",
    "minio": "MinIO",
}
FAULTS: Mapping[str, Fault] = {
    **{f"{name} is killed": _send(part, signal.SIGKILL) for part, name in _PARTS.items()},
    **{f"{name} is asked to stop": _send(part, signal.SIGTERM) for part, name in _PARTS.items()},
    **{f"{name} stands still": _let_stand(part) for part, name in _PARTS.items()},
    "the Egress worker is killed": _kill_workers,  # with all of its processes
    "the recorder is killed": _kill_recorders,
    "Redis forgets everything": _flush_redis,
}
"""Full disks, clocks that differ and a store that is away for a minute have tests of their own."""
ENDS = "the Egress worker is asked to stop"
"""It finishes what it records, as it is to."""
LEAVE_ALONE = {
    *(name for name in FAULTS if name.startswith(("the API", "Redis", "MinIO"))),
    "the Egress worker stands still",  # a recorder is a process of its own
}
"""What does not touch a recording that runs."""


async def until_well(appliance: Appliance) -> None:
    """Return once every part answers."""

    async def is_well() -> bool:
        try:
            status, _ = await asyncio.to_thread(appliance.call, "GET", "/readyz")
        except (urllib.error.URLError, OSError, ValueError):
            return False
        return status == 200

    await until(is_well, "every part answers again")
