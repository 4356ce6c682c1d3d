"""How far apart a flash and a beep that were sent together lie in the file."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

from rtcstack.demo import hearing, lipsync, sight
from rtcstack.demo.lipsync import Offset
from rtcstack.demo.schedule import Media
from tests.bench.figures import Figure, of
from tests.bench.meeting import hold
from tests.support.appliance import Appliance

_SECONDS = 60
_LIMIT_MS = 40
_STRETCH_S = 60
"""Beeps of a long recording are looked for in so much of it at a time: an hour of spectrum is gigabytes."""
_MARGIN_S = 0.5
_MEDIA = Media(sound="beep", flash=True)


async def measure(appliance: Appliance) -> list[Figure]:
    """Record a minute of two participants that flash and beep every second; look at the first one's."""
    with tempfile.TemporaryDirectory() as folder:
        async with hold(appliance) as meeting, AsyncExitStack() as people:
            await meeting.join(people, 2, _MEDIA)
            await meeting.start()
            await asyncio.sleep(_SECONDS)
            file = await meeting.file(await meeting.stop(), Path(folder))
        offsets = await asyncio.to_thread(offsets_of, file, 0)
    offsets_ms = [offset.offset_ms for offset in offsets]
    assert len(offsets_ms) > _SECONDS * 0.9, f"only {len(offsets_ms)} flashes with a beep in {_SECONDS} s"
    return [of("sound after picture", offsets_ms, "ms"), largest("", offsets_ms)]


def offsets_of(file: Path, index: int) -> list[Offset]:
    """Return what `lipsync.measure` does, of a file of any length; a picture that appears white is no flash."""
    frames = list(sight.look(file, [index]))
    seen_before = {later.time_s for one, later in pairwise(frames) if index in one.seen}
    flashes = [at for at in sight.flash_onsets(frames, index) if at in seen_before]
    beeps = list(_beeps(hearing.load(file), index))
    return [
        pair
        for begin in range(0, int(flashes[-1]) + 1, _STRETCH_S)
        for pair in lipsync.pair(
            [at for at in flashes if begin <= at < begin + _STRETCH_S],
            [at for at in beeps if begin - 1 <= at < begin + _STRETCH_S + 1],
        )
    ]


def _beeps(samples: hearing.Samples, index: int) -> Iterator[float]:
    for begin in range(0, len(samples) // hearing.SAMPLE_RATE + 1, _STRETCH_S):
        from_s = max(0.0, begin - _MARGIN_S)
        until_s = begin + _STRETCH_S + _MARGIN_S
        part = samples[int(from_s * hearing.SAMPLE_RATE) : int(until_s * hearing.SAMPLE_RATE)]
        for at in hearing.beep_onsets(part, index):
            if begin <= from_s + at < begin + _STRETCH_S:
                yield from_s + at


def largest(over: str, offsets_ms: list[float]) -> Figure:
    """Return how far sound and picture were apart at most: the limit holds throughout."""
    apart = max(offsets_ms, key=abs)
    return of(f"largest distance of sound and picture{over}", [abs(apart)], "ms", target=_LIMIT_MS)
