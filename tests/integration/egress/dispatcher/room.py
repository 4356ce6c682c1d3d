"""Somebody to record in a dispatcher's test, and the recording that came of it, read back from the bucket."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import msgspec
from av.error import InvalidDataError
from minio import Minio

from rtcstack.domain.loss import read_recovered
from rtcstack.domain.object_key import index_key
from rtcstack.egress.container.index import unpack_index
from rtcstack.egress.job import Span
from rtcstack.egress.recorder.parameter_sets import read_pps
from rtcstack.media.h264 import parameter_sets
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S, Caller, Hooks, WorkerProcess
from tests.integration.egress.recorder.footage import RATE_HZ, Colour, Footage, Thumbnail, close_to, latest
from tests.integration.egress.recorder.harness import Participant, Stagehand

RED, BLUE, GREEN = (81, 90, 240), (41, 240, 110), (145, 54, 34)
TONE_HZ = 440
_NEAR = 40
_END_S = 0.5
_HEARD = 0.05
"""A quarter of a participant's tone."""


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

    def check_end(self, colour: Colour) -> None:
        """See `check_end`."""
        check_end(self.file, colour)

    def check_lost(self, looked_s: tuple[float, float]) -> None:
        """What is told to be missing at the end lasts from the last picture in the file until a worker looked again.

        That was between these two instants of wall time.
        """
        [told] = read_recovered(self.info["details"]) or ()
        last_s = Footage.read(self.file).pictures[-1][0]
        until_s = int(self.info["fileResults"][0]["startedAt"]) / 1e9 + last_s + told.lost_ms / 1000
        earliest_s, latest_s = looked_s
        assert earliest_s - _END_S < until_s < latest_s + _END_S
        assert abs(told.at_ms / 1000 - last_s) < _END_S

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

    async def looked_s(self, egress_id: str) -> tuple[float, float]:
        """Return two instants of wall time: between them a new worker has found that the recording does not go on."""
        ending = await self.hooks.wait_for(egress_id, "egress_updated", "ENDING")
        lines = self.worker.log.read_text().splitlines()
        [found] = [json.loads(line) for line in lines if '"event": "taken up from the spool"' in line]
        return datetime.fromisoformat(found["timestamp"]).timestamp(), int(ending["updatedAt"]) / 1e9

    async def ended(self, egress_id: str, folder: Path) -> Recorded:
        info = await self.hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
        key, file = f"{self.caller.room_name}/take.mp4", folder / "take.mp4"
        index = folder / "take.index.json.gz"
        for source, target in ((key, file), (index_key(key), index)):
            await asyncio.to_thread(
                self.bucket.fget_object, self.settings.storage.bucket, source, str(target)
            )
        return Recorded(info, file, unpack_index(index.read_bytes()).spans)


def check_end(file: Path, colour: Colour, tone_hz: float = TONE_HZ) -> None:
    """Picture and sound last as long as each other, and until then, for half a second, somebody is seen and heard."""
    footage = Footage.read(file)
    last_s, sound_s = footage.pictures[-1][0], len(footage.sound) / RATE_HZ
    assert abs(sound_s - last_s) < _END_S
    seen = [_middle(picture) for at, picture in footage.pictures if at > last_s - _END_S]
    assert all(close_to(one, colour, _NEAR) for one in seen), seen
    for begin_s in (sound_s - _END_S, sound_s - _END_S / 2):
        assert footage.level(tone_hz, begin_s, begin_s + _END_S / 2) > _HEARD


def colours_of(files: Iterable[Path]) -> list[str]:
    """The colours of the middle of the picture in the order in which they come; what is none of ours is left out."""
    found: list[str] = []
    for _, picture in (picture for file in files for picture in Footage.read(file).pictures):
        for name, colour in (("red", RED), ("blue", BLUE), ("green", GREEN)):
            if close_to(_middle(picture), colour, _NEAR) and found[-1:] != [name]:
                found.append(name)
    return found


def _middle(picture: Thumbnail) -> Colour:
    luma, u, v = picture[picture.shape[0] // 2, picture.shape[1] // 2]
    return int(luma), int(u), int(v)


async def until_shown(part: Path, colour: Colour) -> None:
    """Wait until that colour is in the middle of a growing file's last picture."""

    def is_shown() -> bool:
        with suppress(FileNotFoundError, InvalidDataError):  # its first half second is not written yet
            return close_to(_middle(latest(part)[1]), colour, _NEAR)
        return False

    await until(lambda: asyncio.to_thread(is_shown))


def _written_s(listed: Path, file: Path, spans: int) -> float:
    """Wall time from the begin of the last span to the last write; 0 as long as there are not so many."""
    begun = msgspec.json.decode(listed.read_bytes(), type=tuple[Span, ...])
    return file.stat().st_mtime - begun[-1].wall_ns / 1e9 if len(begun) == spans else 0.0


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await is_so():
            await asyncio.sleep(0.05)
