"""CPU and memory of one recording with two moving participants: its recorder, and the worker's processes around it."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import mean
from time import monotonic

from rtcstack.demo.schedule import Media
from tests.bench import processes
from tests.bench.figures import Figure, of
from tests.bench.floor import encoder_cores, ffmpeg_cores
from tests.bench.meeting import hold
from tests.bench.quality import FINE
from tests.support.appliance import Appliance

_PEOPLE = 2
_SETTLE_S = 5
_WINDOW_S = 5
_WINDOWS = 5
_FLOOR_S = 10
_CORES = 0.30
_RECORDER_MB, _WORKER_MB = 150, 80
_API_MB = 100


@dataclass(frozen=True)
class Window:
    """Cores over some seconds."""

    recorder: float
    worker: float
    """Dispatcher and zygote."""

    @property
    def both(self) -> float:
        return self.recorder + self.worker


async def windows(worker: processes.Egress, recorder: int) -> list[Window]:
    """Return the cores that a recorder and the worker use, over five windows of 5 s."""
    pids = (recorder, worker.dispatcher, worker.zygote)
    found = []
    for _ in range(_WINDOWS):
        before, began = [processes.cpu_s(pid) for pid in pids], monotonic()
        await asyncio.sleep(_WINDOW_S)
        took_s = monotonic() - began
        used = [(processes.cpu_s(pid) - was) / took_s for pid, was in zip(pids, before, strict=True)]
        found.append(Window(used[0], used[1] + used[2]))
    return found


def sole_recorder(dispatcher: int) -> tuple[processes.Egress, int]:
    worker = processes.egress(dispatcher)
    assert len(worker.recorders) == 1, f"expected one recorder, found {worker.recorders}"
    return worker, worker.recorders[0]


async def measure(appliance: Appliance) -> list[Figure]:
    """Record two participants of 640x360 at 15 frames a second for 30 s and look at the last 25 of them; then the same as
    `FINE` has it, by another start of the appliance.
    """
    used, memory = await _record(appliance)
    fine = Appliance(appliance.data, {**appliance.environ, "RTCSTACK_EGRESS__CRF": str(FINE.crf)})
    await asyncio.to_thread(appliance.stop)
    await asyncio.to_thread(fine.start)
    used_fine, _ = await _record(fine)
    await asyncio.to_thread(fine.stop)
    await asyncio.to_thread(appliance.start)
    return [*await _cpu(used, used_fine), *memory]


async def _record(appliance: Appliance) -> tuple[list[Window], list[Figure]]:
    """Return the cores that one recording uses, and what memory it takes."""
    status = appliance.status()
    dispatcher, api = processes.pid_of(status, "egress"), processes.pid_of(status, "api")
    async with hold(appliance) as meeting, AsyncExitStack() as people:
        await meeting.join(people, _PEOPLE, Media())
        await meeting.start()
        await asyncio.sleep(_SETTLE_S)
        worker, recorder = sole_recorder(dispatcher)
        used = await windows(worker, recorder)
        memory = [
            _memory("one recorder", processes.pss_mb(recorder), _RECORDER_MB),
            _worker_memory(worker),
            _memory("API", processes.pss_mb(api), _API_MB),
        ]
        await meeting.stop()
    return used, memory


async def _cpu(used: list[Window], used_fine: list[Window]) -> list[Figure]:
    both, alone = [window.both for window in used], [window.recorder for window in used]
    fine = [window.both for window in used_fine]
    beside = await asyncio.to_thread(ffmpeg_cores, _WINDOW_S * _WINDOWS)
    floor = await asyncio.to_thread(encoder_cores, _FLOOR_S)
    words = (
        f"the encoder alone {floor:.3f} (x{mean(both) / floor:.2f});"
        f" ffmpeg with the same pictures and preset {beside:.3f} (x{mean(both) / beside:.2f})"
    )
    return [
        of("CPU of recorder and worker, two moving participants", both, "cores", target=_CORES, beside=words),
        of(
            f"the same as good as x264 veryfast at 3 Mbit/s (RTCSTACK_EGRESS__CRF={FINE.crf})",
            fine,
            "cores",
            target=_CORES,
            beside=f"x{mean(fine) / beside:.2f} of ffmpeg's",
        ),
        of("of it the recorder's, by default", alone, "cores"),
        of("floor: the recorder's encoder alone, same pictures", [floor], "cores"),
    ]


def _memory(whose: str, mb: float, target: float, beside: str = "") -> Figure:
    return of(f"memory (PSS): {whose}", [mb], "MB", target=target, beside=beside)


def _worker_memory(worker: processes.Egress) -> Figure:
    dispatcher, zygote = processes.pss_mb(worker.dispatcher), processes.pss_mb(worker.zygote)
    words = f"dispatcher {dispatcher:.0f}, zygote {zygote:.0f}"
    return _memory("the worker, with one recording", dispatcher + zygote, _WORKER_MB, words)
