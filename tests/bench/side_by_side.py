"""Recordings at the same time: each one's CPU, lip sync of two, and whether four get all their pictures in time."""

import asyncio
import json
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from rtcstack.demo import lipsync
from rtcstack.demo.schedule import Media
from tests.bench import processes
from tests.bench.figures import Figure, of
from tests.bench.meeting import Meeting, Started, hold
from tests.support.appliance import Appliance

_PAIR, _MANY, _ROOMS = 2, 4, 3
_MEASURED_S = 12
"""After so many seconds a worker knows what everything else takes."""
_SETTLE_S = 5
_WINDOW_S = 25
_TELLS_WITHIN_S = 60
_LIMIT_MS = 40
_LATE_PERCENT = 1
_MEDIA = Media(sound="beep", flash=True, encoded=True)
"""Encoded beforehand, so that publishers leave the cores to the recorders."""
_CROWD = Media(encoded=True, audio_frame_ms=50)
"""Cheaper still: nobody looks at their lip sync."""


@dataclass(frozen=True)
class _Recorded:
    """One of those that ran at the same time."""

    late_percent: float
    """Ticks that were to get a new picture and did not, in percent of all, as the recorder says."""
    pictures: int
    expected: int
    """Pictures in the file, and ticks of the recording: each is to have one."""
    notes: tuple[str, ...]
    file: Path

    @property
    def missing_percent(self) -> float:
        return 100 * max(0, self.expected - self.pictures) / self.expected


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
        cores, made = await _record(appliance, _PAIR, _MEDIA, Path(folder))
        offsets = await asyncio.to_thread(_largest_ms, [one.file for one in made])
    name = f"largest distance of sound and picture, {_PAIR} at once"
    return [
        of(f"CPU of each of {_PAIR} recorders at once", cores, "cores"),
        of(name, offsets, "ms", target=_LIMIT_MS, is_largest=True),
    ]


async def measure_many(appliance: Appliance) -> list[Figure]:
    """Record four of them. Fewer pictures for want of time make no tick late: so these are counted as well."""
    with tempfile.TemporaryDirectory() as folder:
        cores, made = await _record(appliance, _MANY, _CROWD, Path(folder))
    name = f"{_MANY} recordings at once"
    late, missing = [one.late_percent for one in made], [one.missing_percent for one in made]
    pictures = ", ".join(f"{one.pictures} of {one.expected}" for one in made)
    reduced = [" ".join(one.notes) for one in made if one.notes]
    return [
        of(f"{name}: ticks late, the worst of them", late, "%", target=_LATE_PERCENT, is_largest=True),
        of(
            f"{name}: ticks without a picture in the file, the worst of them",
            missing,
            "%",
            target=_LATE_PERCENT,
            beside=pictures,
            is_largest=True,
        ),
        of(
            f"{name}: had fewer pictures for a while",
            [len(reduced)],
            "of 4",
            target=0,
            beside="; ".join(reduced),
        ),
        of(f"CPU of each of {_MANY} recorders at once", cores, "cores"),
    ]


async def measure_promised(appliance: Appliance) -> list[Figure]:
    """Have people meet in three rooms, and record as many of them as the appliance says it can."""
    with tempfile.TemporaryDirectory() as folder:
        cores, made = await _record(appliance, _ROOMS, _CROWD, Path(folder), is_by_promise=True)
    lacking = [one for one in made if one.late_percent > _LATE_PERCENT or one.notes]
    told = "; ".join(" ".join([f"{one.late_percent:.2f} % late", *one.notes]) for one in made)
    return [
        of("recordings that were promised every picture", [len(made)], f"of {_ROOMS} rooms"),
        of("of them did not get it", [len(lacking)], "", target=0, beside=told),
        of("CPU of each of them", cores, "cores"),
    ]


async def _record(
    appliance: Appliance, rooms: int, media: Media, folder: Path, *, is_by_promise: bool = False
) -> tuple[list[float], list[_Recorded]]:
    """Return the cores of each recorder, in any order, and what became of each room's recording.

    `is_by_promise`: only as many are recorded as can be by the appliance's own word.
    """
    async with AsyncExitStack() as stack:
        meetings = [await stack.enter_async_context(hold(appliance)) for _ in range(rooms)]
        people = await stack.enter_async_context(AsyncExitStack())
        for meeting in meetings:
            await meeting.join(people, 2, media)
        if is_by_promise:
            await asyncio.sleep(_MEASURED_S)
            meetings = meetings[: await meetings[0].promised()]
            assert meetings, "the machine is too busy for a single one"
        started = [await meeting.start() for meeting in meetings]
        await asyncio.sleep(_SETTLE_S)
        cores = await _cores(appliance, len(meetings))
        entries = [await meeting.stop() for meeting in meetings]
        await people.aclose()
        together = zip(meetings, started, entries, strict=True)
        return cores, [await _recorded(appliance, *one, folder) for one in together]


async def _cores(appliance: Appliance, rooms: int) -> list[float]:
    recorders = processes.egress(processes.pid_of(appliance.status(), "egress")).recorders
    assert len(recorders) == rooms, f"expected {rooms} recorders, found {recorders}"
    before = [processes.cpu_s(pid) for pid in recorders]
    await asyncio.sleep(_WINDOW_S)
    return [(processes.cpu_s(pid) - was) / _WINDOW_S for pid, was in zip(recorders, before, strict=True)]


async def _recorded(
    appliance: Appliance, meeting: Meeting, started: Started, entry: dict[str, Any], folder: Path
) -> _Recorded:
    file = await meeting.file(entry, folder)
    told = await _told(appliance, started.egress_id)
    return _Recorded(
        100 * told["late"] / told["ticks"],
        await asyncio.to_thread(_pictures, file),
        told["ticks"],
        await meeting.notes(started.egress_id),
        file,
    )


async def _told(appliance: Appliance, egress_id: str) -> dict[str, Any]:
    """Return what the recorder said at its end; the line may come after the recording is there."""
    log = appliance.data / "logs" / "egress.log"
    async with asyncio.timeout(_TELLS_WITHIN_S):
        while True:
            for line in reversed(log.read_text(encoding="utf-8").splitlines()):
                if egress_id in line and '"event": "ended"' in line:
                    told: dict[str, Any] = json.loads(line)
                    return told
            await asyncio.sleep(1)


def _pictures(file: Path) -> int:
    with av.open(str(file)) as container:
        return sum(packet.pts is not None for packet in container.demux(video=0))
