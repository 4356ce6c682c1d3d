"""What a recording lacks when its recorder is killed: the gap until the next part's pictures, and the file of the first one."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import msgspec
import psutil

from rtcstack.demo import sight
from rtcstack.demo.schedule import Media
from rtcstack.egress.finish import finish
from rtcstack.egress.job import Span, spans_path
from tests.bench import processes
from tests.bench.figures import Figure, of
from tests.bench.meeting import hold
from tests.bench.recorder import sole_recorder
from tests.support.appliance import Appliance

_BETWEEN_S = 12
"""Three deaths within 30 s would end the recording, so there are two to a recording, and a while between them."""
_GAP_S = 2.0
_KILLED_AT_S, _SAVED_S = 60.0, 59.0
_WITHIN_S = 30
_LOOK_S = 0.05
_UNDISTURBED_S = 4
"""So long nobody asks how it stands: each look is a process of its own, which would take a core from what is measured."""


async def measure(appliance: Appliance) -> list[Figure]:
    """Kill the recorder five times and the whole worker three times; look at the numbers of the pictures in the files."""
    found = []
    for whose, kill, kills in (("recorder", _kill_recorder, 5), ("worker", _kill_worker, 3)):
        gaps: list[float] = []
        while len(gaps) < kills:
            gaps += await _gaps(appliance, kill, min(2, kills - len(gaps)))
        name = f"{whose} killed: pictures missing until the next part"
        found += [
            of(name, gaps, "s", target=_GAP_S),
            of("the longest of them", [max(gaps)], "s", target=_GAP_S),
        ]
    return found


async def _gaps(
    appliance: Appliance, kill: Callable[[Appliance], Awaitable[None]], kills: int
) -> list[float]:
    """Record a participant through so many kills; return how much time the pictures leave out each time."""
    media = Media()
    with tempfile.TemporaryDirectory() as folder:
        async with hold(appliance) as meeting, AsyncExitStack() as people:
            await meeting.join(people, 1, media)
            await meeting.start()
            for _ in range(kills):
                await asyncio.sleep(_BETWEEN_S)
                await kill(appliance)
            await asyncio.sleep(_BETWEEN_S)
            file = await meeting.file(await meeting.stop(), Path(folder))
        frames = await asyncio.to_thread(lambda: list(sight.look(file, [0])))
    numbers = [frame.seen[0].number for frame in frames if frame.seen]
    steps = sorted(((after - before) / media.framerate for before, after in pairwise(numbers)), reverse=True)
    return steps[:kills]


async def _kill_recorder(appliance: Appliance) -> None:
    """Kill the recorder and return when there is another one."""
    dispatcher = processes.pid_of(appliance.status(), "egress")
    (killed,) = processes.egress(dispatcher).recorders
    os.kill(killed, signal.SIGKILL)
    async with asyncio.timeout(_WITHIN_S):
        while not set(processes.egress(dispatcher).recorders) - {killed}:
            await asyncio.sleep(_LOOK_S)


async def _kill_worker(appliance: Appliance) -> None:
    """Kill every process of the worker, and return when the supervisor's next one records."""
    worker = processes.egress(processes.pid_of(appliance.status(), "egress"))
    for pid in (worker.dispatcher, worker.zygote, *worker.recorders):
        os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(_UNDISTURBED_S)
    async with asyncio.timeout(_WITHIN_S):
        while not _records(appliance, worker.dispatcher):
            await asyncio.sleep(_LOOK_S)


def _records(appliance: Appliance, before: int) -> bool:
    """Whether there is a worker after that one, and it has a recorder."""
    dispatcher = next((part["pid"] for part in appliance.status()["parts"] if part["name"] == "egress"), None)
    if dispatcher in {None, before}:
        return False
    try:
        return bool(processes.egress(int(dispatcher)).recorders)
    except (AssertionError, psutil.NoSuchProcess):
        return False  # its zygote is on its way


async def measure_saved(appliance: Appliance) -> list[Figure]:
    """Kill a recorder at second 60, and finish a copy of the file that it left."""
    async with hold(appliance) as meeting, AsyncExitStack() as people:
        await meeting.join(people, 2, Media())
        started = await meeting.start()
        with tempfile.TemporaryDirectory() as folder:
            saved_s = await _saved_s(appliance, started.egress_id, Path(folder))
        await meeting.stop()
    name = "video saved when killed at second 60"
    return [of(name, [saved_s], "s", target=_SAVED_S, is_floor=True)]


async def _saved_s(appliance: Appliance, egress_id: str, folder: Path) -> float:
    written = appliance.settings.spool_path / egress_id / "part-1.mp4"
    async with asyncio.timeout(_WITHIN_S):
        while not spans_path(written).exists():
            await asyncio.sleep(_LOOK_S)
    (span,) = msgspec.json.decode(spans_path(written).read_bytes(), type=tuple[Span, ...])
    _, recorder = sole_recorder(processes.pid_of(appliance.status(), "egress"))
    await asyncio.sleep(span.wall_ns / 1e9 + _KILLED_AT_S - time.time())
    os.kill(recorder, signal.SIGKILL)
    part = shutil.copy(written, folder / written.name)
    finished = await asyncio.to_thread(finish, [part], folder / "recording.mp4")
    return finished.duration_ms / 1000
