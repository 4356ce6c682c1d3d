"""CPU and memory of one recorder with two moving participants, and memory of the processes around it."""

import asyncio
from contextlib import AsyncExitStack
from statistics import mean
from time import monotonic

from rtcstack.demo.schedule import Media
from tests.bench import processes
from tests.bench.figures import Figure, of
from tests.bench.floor import ffmpeg_cores
from tests.bench.meeting import hold
from tests.support.appliance import Appliance

_PEOPLE = 2
_SETTLE_S = 5
_WINDOW_S = 5
_WINDOWS = 5
_CORES = 0.5
_RECORDER_MB = 250
_API_MB = 100


async def _window(pid: int) -> float:
    """Return how many cores the process used over some seconds."""
    before, began = processes.cpu_s(pid), monotonic()
    await asyncio.sleep(_WINDOW_S)
    return (processes.cpu_s(pid) - before) / (monotonic() - began)


async def measure(appliance: Appliance) -> list[Figure]:
    """Record two participants of 640x360 at 15 frames a second for 30 s; look at the last 25 of them."""
    status = appliance.status()
    dispatcher, api = processes.pid_of(status, "egress"), processes.pid_of(status, "api")
    async with hold(appliance) as meeting, AsyncExitStack() as people:
        await meeting.join(people, _PEOPLE, Media())
        await meeting.start()
        await asyncio.sleep(_SETTLE_S)
        worker = processes.egress(dispatcher)
        assert len(worker.recorders) == 1, f"expected one recorder, found {worker.recorders}"
        recorder = worker.recorders[0]
        cores = [await _window(recorder) for _ in range(_WINDOWS)]
        memory = {
            "recorder": processes.pss_mb(recorder),
            "API": processes.pss_mb(api),
            "Egress dispatcher": processes.pss_mb(dispatcher),
            "zygote": processes.pss_mb(worker.zygote),
        }
        await meeting.stop()
    limits = {"recorder": _RECORDER_MB, "API": _API_MB}
    floor = await asyncio.to_thread(ffmpeg_cores, _WINDOW_S * _WINDOWS)
    beside = f"ffmpeg alone, same pictures and preset: {floor:.2f} cores: x{mean(cores) / floor:.2f}"
    return [
        of("CPU of one recorder, two moving participants", cores, "cores", target=_CORES, beside=beside),
        *(of(f"memory (PSS): {name}", [mb], "MB", target=limits.get(name)) for name, mb in memory.items()),
    ]
