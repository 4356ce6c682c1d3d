"""Two recordings at once: CPU of each, and whether sound and picture stay together in both."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from rtcstack.demo import lipsync
from rtcstack.demo.schedule import Media
from tests.bench import processes
from tests.bench.figures import Figure, of
from tests.bench.meeting import hold
from tests.support.appliance import Appliance

_ROOMS = 2
_SETTLE_S = 5
_WINDOW_S = 25
_LIMIT_MS = 40
_MEDIA = Media(sound="beep", flash=True, encoded=True)
"""Encoded beforehand, so that publishers leave the cores to the recorders."""


def _offset_ms(file: Path) -> float:
    """Return the largest distance of sound and picture in a recording."""
    offsets = lipsync.measure(file, 0)
    assert len(offsets) > _WINDOW_S // 2, f"only {len(offsets)} flashes with a beep in {_WINDOW_S} s"
    return max(abs(offset.offset_ms) for offset in offsets)


async def measure(appliance: Appliance) -> list[Figure]:
    """Record two rooms of two participants for half a minute."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        meetings = [await stack.enter_async_context(hold(appliance)) for _ in range(_ROOMS)]
        people = await stack.enter_async_context(AsyncExitStack())
        for meeting in meetings:
            await meeting.join(people, 2, _MEDIA)
            await meeting.start()
        await asyncio.sleep(_SETTLE_S)
        recorders = processes.egress(processes.pid_of(appliance.status(), "egress")).recorders
        assert len(recorders) == _ROOMS, f"expected {_ROOMS} recorders, found {recorders}"
        before = [processes.cpu_s(pid) for pid in recorders]
        await asyncio.sleep(_WINDOW_S)
        cores = [(processes.cpu_s(pid) - was) / _WINDOW_S for pid, was in zip(recorders, before, strict=True)]
        entries = [await meeting.stop() for meeting in meetings]
        await people.aclose()
        files = [await meeting.file(entry, folder) for meeting, entry in zip(meetings, entries, strict=True)]
        offsets = [_offset_ms(file) for file in files]
    return [
        of(f"CPU of each of {_ROOMS} recorders at once", cores, "cores"),
        of(f"largest distance of sound and picture, {_ROOMS} at once", offsets, "ms", target=_LIMIT_MS),
    ]
