"""Several recordings at once: CPU of each, ticks that were late, and whether sound and picture stay together in all of them."""

import asyncio
import json
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from rtcstack.demo import lipsync
from rtcstack.demo.schedule import Media
from tests.bench import processes
from tests.bench.figures import Figure, of
from tests.bench.meeting import hold
from tests.support.appliance import Appliance

_PAIR, _MANY = 2, 4
_SETTLE_S = 5
_WINDOW_S = 25
_LIMIT_MS = 40
_LATE_PERCENT = 1
_MEDIA = Media(sound="beep", flash=True, encoded=True)
"""Encoded beforehand, so that publishers leave the cores to the recorders."""


def _largest_ms(files: list[Path]) -> list[float]:
    """Return the largest distance of sound and picture in each of the recordings."""
    found = []
    for file in files:
        offsets = lipsync.measure(file, 0)
        assert len(offsets) > _WINDOW_S // 2, f"only {len(offsets)} flashes with a beep in {_WINDOW_S} s"
        found.append(max(abs(offset.offset_ms) for offset in offsets))
    return found


async def measure(appliance: Appliance) -> list[Figure]:
    """Record two rooms of two participants for half a minute."""
    with tempfile.TemporaryDirectory() as folder:
        cores, _, files = await _record(appliance, _PAIR, Path(folder))
        offsets = await asyncio.to_thread(_largest_ms, files)
    return [
        of(f"CPU of each of {_PAIR} recorders at once", cores, "cores"),
        of(f"largest distance of sound and picture, {_PAIR} at once", offsets, "ms", target=_LIMIT_MS),
    ]


async def measure_many(appliance: Appliance) -> list[Figure]:
    """Record four of them, and see how many ticks the recorders say were late."""
    with tempfile.TemporaryDirectory() as folder:
        cores, late, _ = await _record(appliance, _MANY, Path(folder))
    name = f"{_MANY} recordings at once: ticks without a new picture for want of time, the worst of them"
    return [
        of(name, [max(late)], "%", target=_LATE_PERCENT, beside=f"each: {late}"),
        of(f"CPU of each of {_MANY} recorders at once", cores, "cores"),
    ]


async def _record(
    appliance: Appliance, rooms: int, folder: Path
) -> tuple[list[float], list[float], list[Path]]:
    """Return of each of so many recordings: cores, late ticks in percent, and the file."""
    async with AsyncExitStack() as stack:
        meetings = [await stack.enter_async_context(hold(appliance)) for _ in range(rooms)]
        people = await stack.enter_async_context(AsyncExitStack())
        for meeting in meetings:
            await meeting.join(people, 2, _MEDIA)
        started = [await meeting.start() for meeting in meetings]
        await asyncio.sleep(_SETTLE_S)
        recorders = processes.egress(processes.pid_of(appliance.status(), "egress")).recorders
        assert len(recorders) == rooms, f"expected {rooms} recorders, found {recorders}"
        before = [processes.cpu_s(pid) for pid in recorders]
        await asyncio.sleep(_WINDOW_S)
        cores = [(processes.cpu_s(pid) - was) / _WINDOW_S for pid, was in zip(recorders, before, strict=True)]
        entries = [await meeting.stop() for meeting in meetings]
        await people.aclose()
        files = [await meeting.file(entry, folder) for meeting, entry in zip(meetings, entries, strict=True)]
    return cores, [_late_percent(appliance, one.egress_id) for one in started], files


def _late_percent(appliance: Appliance, egress_id: str) -> float:
    """Return what the recorder said about its ticks in its last line of the worker's log."""
    log = appliance.data / "logs" / "egress.log"
    for line in reversed(log.read_text(encoding="utf-8").splitlines()):
        if egress_id in line and '"event": "ended"' in line:
            figures: dict[str, Any] = json.loads(line)
            return round(100 * figures["late"] / figures["ticks"], 2)
    raise AssertionError(f"the log does not say how {egress_id} ended")
