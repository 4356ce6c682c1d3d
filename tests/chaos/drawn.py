"""When the pictures of somebody in a recording were drawn: the person draws one every fifteenth of a second, and numbers them."""

import asyncio
import math
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av

from rtcstack.demo import sight
from rtcstack.demo.participant import Participant
from rtcstack.demo.picture import Plane
from rtcstack.egress.spool import SpoolFolder
from tests.chaos.waiting import until

WITHIN_S = 1.0
"""So long may be missing at a fault, and between any two pictures: a busy machine leaves some out."""


class Drawn:
    """The pictures of one person. All times are wall time, in s."""

    def __init__(self, person: Participant) -> None:
        """The person has just come: numbers count from a full second, which the pictures drawn until now tell."""
        self._index, self._rate = person.index, person.media.framerate
        self._epoch_s = math.floor(time.time() - person.frames_sent / self._rate)

    def times_in(self, file: Path, *, is_all: bool = True) -> list[float]:
        """Return when those in the file were drawn, in order; or only those from its last keyframe on."""
        finder = sight.Finder([self._index])
        found = [finder.find(*planes).seen.get(self._index) for planes in _pictures(file, is_all=is_all)]
        return [self._epoch_s + n / self._rate for n in sorted({seen.number for seen in found if seen})]

    async def until_kept(self, folder: SpoolFolder, since_s: float) -> float:
        """Return once the disk has a picture drawn since then; its time."""
        found: list[float] = []

        async def is_kept() -> bool:
            found[:] = await asyncio.to_thread(self._last_on_disk, folder)
            return bool(found) and found[-1] >= since_s

        await until(is_kept, f"{folder.path} has a picture drawn after {since_s:.1f}")
        return found[-1]

    def _last_on_disk(self, folder: SpoolFolder) -> list[float]:
        try:
            return self.times_in(folder.parts()[-1], is_all=False)
        except (av.FFmpegError, OSError, IndexError):  # it has just been begun
            return []


def _pictures(file: Path, *, is_all: bool) -> Iterator[tuple[float, Plane, Plane, Plane]]:
    """Yield the time of each picture in the file, and its planes: Y, U and V."""
    with av.open(str(file)) as container:
        packets = list(container.demux(container.streams.video[0]))
        keyframes = [n for n, packet in enumerate(packets) if packet.is_keyframe]
        for packet in packets if is_all else packets[keyframes[-1] :]:
            for frame in packet.decode():
                whole, half = frame.to_ndarray(format="yuv420p"), (frame.height // 2, frame.width // 2)
                colours = whole[frame.height :].reshape(2, *half)
                yield frame.time or 0.0, whole[: frame.height], colours[0], colours[1]


def longest_gap_s(times: list[float], since_s: float, until_s: float) -> float:
    """Return how long nothing is to be seen that was drawn in this stretch of time, at the most."""
    within = [at_s for at_s in times if since_s <= at_s <= until_s]
    return max(after - before for before, after in pairwise([since_s, *within, until_s]))
