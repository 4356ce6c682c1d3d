"""How far apart a flash and a beep that were sent together lie in the file, over the whole recording."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from rtcstack.demo import lipsync
from rtcstack.demo.schedule import Media
from tests.bench.figures import Figure, of
from tests.bench.meeting import hold
from tests.support.appliance import Appliance

_SECONDS = 60
_LIMIT_MS = 40


async def measure(appliance: Appliance) -> list[Figure]:
    """Record a minute of two participants that flash and beep every second; look at the first one's."""
    with tempfile.TemporaryDirectory() as folder:
        async with hold(appliance) as meeting, AsyncExitStack() as people:
            await meeting.join(people, 2, Media(sound="beep", flash=True))
            await meeting.start()
            await asyncio.sleep(_SECONDS)
            file = await meeting.file(await meeting.stop(), Path(folder))
        offsets = [offset.offset_ms for offset in await asyncio.to_thread(lipsync.measure, file, 0)]
    assert len(offsets) > _SECONDS // 2, f"only {len(offsets)} flashes with a beep in {_SECONDS} s"
    size = [abs(offset) for offset in offsets]
    return [
        of("sound after picture", offsets, "ms"),
        of("largest distance of sound and picture", [max(size)], "ms", target=_LIMIT_MS),
    ]
