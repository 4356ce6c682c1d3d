"""Somebody to record in a dispatcher's test, and the recording that came of it, read back from the bucket."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import msgspec
from minio import Minio

from rtcstack.domain.object_key import index_key
from rtcstack.egress.container.index import unpack_index
from rtcstack.egress.job import Span
from rtcstack.egress.recorder.parameter_sets import read_pps
from rtcstack.media.h264 import parameter_sets
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S, Caller, Hooks, WorkerProcess
from tests.integration.egress.recorder.footage import Footage, close_to
from tests.integration.egress.recorder.harness import Participant, Stagehand

RED, BLUE, GREEN = (81, 90, 240), (41, 240, 110), (145, 54, 34)


@dataclass
class Recorded:
    info: dict[str, Any]
    file: Path
    spans: tuple[Span, ...]

    @property
    def duration_s(self) -> float:
        return int(self.info["fileResults"][0]["duration"]) / 1e9

    @property
    def rate_factor(self) -> int:
        """How good the pictures were to be, as the one parameter set of the file says."""
        with av.open(str(self.file)) as container:
            _sps, pps = parameter_sets(container.streams.video[0].codec_context.extradata or b"")
        return read_pps(pps).qp

    def gaps_s(self) -> list[float]:
        """How much wall time lies between the spans."""
        return [
            (b.wall_ns - a.wall_ns) / 1e9 - (b.pts_ms - a.pts_ms) / 1000
            for a, b in itertools.pairwise(self.spans)
        ]

    def colours(self) -> list[str]:
        """See `colours_of`."""
        return colours_of([self.file])

    def check_plays(self) -> None:
        """Every frame is there once, in order, and each span begins with one that needs no other."""
        with av.open(str(self.file)) as container:
            packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
            at_s = [float(packet.pts * packet.time_base) for packet in packets]
            keys = [at for at, packet in zip(at_s, packets, strict=True) if packet.is_keyframe]
        assert all(earlier < later for earlier, later in itertools.pairwise(at_s))
        for span in self.spans:
            assert min(abs(key - span.pts_ms / 1000) for key in keys) < 0.02, (span, keys)
        with av.open(str(self.file)) as container:
            assert sum(1 for _ in container.decode(video=0)) == len(packets)


@dataclass
class Room:
    """A room with one participant, being recorded."""

    worker: WorkerProcess
    hooks: Hooks
    caller: Caller
    stage: Stagehand
    bucket: Minio
    settings: Settings

    async def come(self, **part: Any) -> Participant:
        return await asyncio.to_thread(self.stage.come, "ann", **part)

    async def record(self) -> str:
        """Return the egress id of a recording that has begun."""
        started = await self.caller.start()
        await self.hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
        return started.egress_id

    async def until_recorded(self, egress_id: str, part: int, seconds: float, spans: int = 1) -> None:
        """Wait until the last of so many spans of a part is about so long."""
        folder = self.worker.spool / egress_id
        listed, file = folder / f"part-{part}.spans.json", folder / f"part-{part}.mp4"
        async with asyncio.timeout(PATIENCE_S):
            while not listed.exists() or _written_s(listed, file, spans) < seconds:
                await asyncio.sleep(0.05)

    async def ended(self, egress_id: str, folder: Path) -> Recorded:
        info = await self.hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
        key, file = f"{self.caller.room_name}/take.mp4", folder / "take.mp4"
        index = folder / "take.index.json.gz"
        for source, target in ((key, file), (index_key(key), index)):
            await asyncio.to_thread(
                self.bucket.fget_object, self.settings.storage.bucket, source, str(target)
            )
        return Recorded(info, file, unpack_index(index.read_bytes()).spans)


def colours_of(files: Iterable[Path]) -> list[str]:
    """The colours of the middle of the picture in the order in which they come; what is none of ours is left out."""
    found: list[str] = []
    for _, picture in (picture for file in files for picture in Footage.read(file).pictures):
        seen = tuple(map(int, picture[picture.shape[0] // 2, picture.shape[1] // 2]))
        for name, colour in (("red", RED), ("blue", BLUE), ("green", GREEN)):
            if close_to(seen, colour, 40) and found[-1:] != [name]:
                found.append(name)
    return found


def _written_s(listed: Path, file: Path, spans: int) -> float:
    """Wall time from the begin of the last span to the last write; 0 as long as there are not so many."""
    begun = msgspec.json.decode(listed.read_bytes(), type=tuple[Span, ...])
    return file.stat().st_mtime - begun[-1].wall_ns / 1e9 if len(begun) == spans else 0.0


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await is_so():
            await asyncio.sleep(0.05)
