"""How far apart a flash and a beep that were sent together lie in the file, over the whole recording."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from statistics import median

from rtcstack.demo import hearing, lipsync, sight
from rtcstack.demo.lipsync import Offset
from rtcstack.demo.schedule import Media
from tests.bench.figures import Figure, of
from tests.bench.meeting import hold
from tests.support.appliance import Appliance

_SECONDS = 60
_LONG_S = 3600
_LIMIT_MS = 40
_STRETCH_S = 60
"""Beeps of a long recording are looked for in so much of it at a time: an hour of spectrum is gigabytes."""
_MARGIN_S = 0.5
_LIVE = Media(sound="beep", flash=True)
_CHEAP = Media(sound="beep", flash=True, encoded=True)
"""Encoded beforehand, so that an hour of it may run beside other work."""


async def measure(appliance: Appliance) -> list[Figure]:
    """Record a minute of two participants that flash and beep every second; look at the first one's."""
    offsets = await _recorded(appliance, _SECONDS, _LIVE)
    return _figures("", [offset.offset_ms for offset in offsets])


async def measure_long(appliance: Appliance, seconds: int = _LONG_S) -> list[Figure]:
    """Record an hour of them, and say besides how far the last five minutes have moved from the first five."""
    offsets = await _recorded(appliance, seconds, _CHEAP)
    ends = 5 * _STRETCH_S
    first = [offset.offset_ms for offset in offsets if offset.time_s < ends]
    last = [offset.offset_ms for offset in offsets if offset.time_s >= seconds - ends]
    minutes = [
        median(offset.offset_ms for offset in offsets if offset.time_s // _STRETCH_S == minute)
        for minute in sorted({offset.time_s // _STRETCH_S for offset in offsets})
    ]
    over = f" over {seconds // 60} min"
    return [
        of(f"sound after picture, minute by minute{over}", minutes, "ms"),
        _largest(over, [offset.offset_ms for offset in offsets]),
        of(f"drift from the first five minutes to the last{over}", [median(last) - median(first)], "ms"),
    ]


async def _recorded(appliance: Appliance, seconds: int, media: Media) -> list[Offset]:
    with tempfile.TemporaryDirectory() as folder:
        async with hold(appliance) as meeting, AsyncExitStack() as people:
            await meeting.join(people, 2, media)
            await meeting.start()
            await asyncio.sleep(seconds)
            file = await meeting.file(await meeting.stop(), Path(folder))
        offsets = await asyncio.to_thread(offsets_of, file, 0)
    assert len(offsets) > seconds * 0.9, f"only {len(offsets)} flashes with a beep in {seconds} s"
    return offsets


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


def _largest(over: str, offsets_ms: list[float]) -> Figure:
    size = [abs(offset) for offset in offsets_ms]
    return of(f"largest distance of sound and picture{over}", [max(size)], "ms", target=_LIMIT_MS)


def _figures(over: str, offsets_ms: list[float]) -> list[Figure]:
    return [of(f"sound after picture{over}", offsets_ms, "ms"), _largest(over, offsets_ms)]
