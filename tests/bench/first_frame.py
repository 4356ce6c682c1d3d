"""From the request, and from its answer, until the first composed frame, and until everyone present is seen in one."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from rtcstack.demo import sight
from rtcstack.demo.schedule import Media
from tests.bench.figures import Figure, of
from tests.bench.meeting import Meeting, hold
from tests.support.appliance import Appliance

_TIMES = 5
_SECONDS = 3
_PEOPLE = [0, 1]
_FIRST_FRAME_S = 0.3


def _latency_ms(frames: list[sight.Frame], first_at_s: float, framerate: int) -> float:
    """Return how long pictures take from being drawn to standing in the file.

    A mark's number tells the instant within the second at which the picture was drawn. Were the first frame's time
    reported wrongly, this would show it.
    """
    late = []
    for frame in frames:
        for seen in frame.seen.values():
            drawn = seen.number % framerate / framerate
            late.append((first_at_s + frame.time_s - drawn) % 1 * 1000)
    return median(late)


async def _once(meeting: Meeting, people: AsyncExitStack, folder: Path) -> tuple[float, float, float, float]:
    media = Media()
    await meeting.join(people, len(_PEOPLE), media)
    started = await meeting.start()
    await asyncio.sleep(_SECONDS)
    file = await meeting.file(await meeting.stop(), folder)
    first_at_s = await meeting.first_frame_at_s(started.egress_id)
    frames = list(sight.look(file, _PEOPLE))
    complete = next(frame.time_s for frame in frames if len(frame.seen) == len(_PEOPLE))
    begun_s = first_at_s - started.answered_at_s
    asked_s = begun_s + started.call_ms / 1000
    return asked_s, begun_s, begun_s + complete, _latency_ms(frames, first_at_s, media.framerate)


async def measure(appliance: Appliance) -> list[Figure]:
    """Record five short meetings of two people who are there before the start."""
    rounds = []
    for _ in range(_TIMES):
        with tempfile.TemporaryDirectory() as folder:
            async with hold(appliance) as meeting, AsyncExitStack() as people:
                rounds.append(await _once(meeting, people, Path(folder)))
    asked, begun, complete, late = zip(*rounds, strict=True)
    return [
        of("request to start until the first composed frame", asked, "s", target=_FIRST_FRAME_S),
        of("answer to start until the first composed frame", begun, "s"),
        of("answer to start until a frame shows both participants", complete, "s"),
        of("a picture's way from being drawn into the file", late, "ms"),
    ]
