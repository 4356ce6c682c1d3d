"""One recording of an hour: its end, its memory, its length, and whether sound, picture and clock are still together then."""

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic

import av

from rtcstack.demo.lipsync import Offset
from rtcstack.demo.schedule import Media
from rtcstack.egress.dispatcher import store
from tests.bench import processes, stop
from tests.bench.figures import Figure, of
from tests.bench.lip_sync import largest, offsets_of
from tests.bench.meeting import hold, livekit_api
from tests.bench.recorder import sole_recorder
from tests.support.appliance import Appliance

MINUTES = 60
_MEDIA = Media(sound="beep", flash=True, encoded=True)
"""Encoded beforehand: what the participants of an hour cost is little."""
_EARLY = 5
_STOP_S, _RECORDER_MB, _WORKER_MB = 0.5, 150, 80


@dataclass(frozen=True)
class _Memory:
    """In MB, at the end of each minute."""

    recorder: list[float]
    worker: list[float]


@dataclass(frozen=True)
class _Made:
    file: Path
    memory: _Memory
    readable_s: float
    first_at_s: float
    stopped_at_s: float
    """Wall time of the first frame, and of the call to stop."""


async def measure(appliance: Appliance, minutes: int = MINUTES) -> list[Figure]:
    """Record two participants that flash and beep every second; everything is said of this one recording."""
    with tempfile.TemporaryDirectory(prefix="rtcstack-bench-") as folder:
        made = await _record(appliance, minutes, Path(folder))
        offsets = await asyncio.to_thread(offsets_of, made.file, 0)
        length_s, apart_ms = await asyncio.to_thread(_tracks, made.file)
    assert offsets, "not one flash with a beep"
    over = f", {minutes} min"
    recorded_s = made.stopped_at_s - made.first_at_s
    return [
        of(f"stop until readable in the bucket, after {minutes} min", [made.readable_s], "s", target=_STOP_S),
        *_memory(made.memory, minutes),
        *_together(
            over, offsets, made.first_at_s, beside=f"{len(offsets)} flashes with a beep in {length_s:.0f} s"
        ),
        of(
            f"length of the file, less the time from its first frame to the call to stop{over}",
            [(length_s - recorded_s) * 1000],
            "ms",
            beside=f"{length_s:.3f} s of {recorded_s:.3f} s",
        ),
        of(f"ends of the picture and the sound track apart{over}", [apart_ms], "ms"),
    ]


async def _record(appliance: Appliance, minutes: int, folder: Path) -> _Made:
    target = store.configured(appliance.settings.storage)
    async with hold(appliance) as meeting, AsyncExitStack() as people, livekit_api(appliance) as api:
        await meeting.join(people, 2, _MEDIA)
        started = await meeting.start()
        memory = await _watch(appliance, minutes)
        stopped_at_s = time.time()
        readable_s = await stop.end(api, started.egress_id, target, f"{meeting.room_id}/")
        file = await meeting.file(await meeting.ready(), folder)
        first_at_s = await meeting.first_frame_at_s(started.egress_id)
    return _Made(file, memory, readable_s, first_at_s, stopped_at_s)


async def _watch(appliance: Appliance, minutes: int) -> _Memory:
    """Look at the memory once a minute, for so many minutes."""
    begun, found = monotonic(), _Memory([], [])
    for minute in range(1, minutes + 1):
        await asyncio.sleep(begun + 60 * minute - monotonic())
        worker, recorder = sole_recorder(processes.pid_of(appliance.status(), "egress"))
        found.recorder.append(processes.pss_mb(recorder))
        found.worker.append(processes.pss_mb(worker.dispatcher) + processes.pss_mb(worker.zygote))
    return found


def _memory(seen: _Memory, minutes: int) -> list[Figure]:
    early = min(_EARLY, max(1, minutes // 2))
    found = []
    for whose, raw, target in (
        ("one recorder", seen.recorder, _RECORDER_MB),
        ("the worker", seen.worker, _WORKER_MB),
    ):
        name = f"memory (PSS): {whose}, the most of each minute of {minutes}"
        grown = (
            f"grown by {raw[-1] - raw[early - 1]:.1f} MB from minute {early} to {minutes}, then {raw[-1]:.0f}"
        )
        found.append(of(name, raw, "MB", target=target, beside=grown, is_largest=True))
    return found


def _together(over: str, offsets: list[Offset], first_at_s: float, *, beside: str) -> list[Figure]:
    """Flash and beep belong to each full second of wall time: they tell of each other, and of the file's clock."""
    ends_s = min(60 * _EARLY, offsets[-1].time_s / 2)
    first = [one for one in offsets if one.time_s < ends_s]
    last = [one for one in offsets if one.time_s >= offsets[-1].time_s - ends_s]
    minutes = [
        median(one.offset_ms for one in offsets if one.time_s // 60 == minute)
        for minute in sorted({one.time_s // 60 for one in offsets})
    ]
    drift_ms = median(one.offset_ms for one in last) - median(one.offset_ms for one in first)
    clock_ms = _behind_ms(last, first_at_s) - _behind_ms(first, first_at_s)
    return [
        of(f"sound after picture, minute by minute{over}", minutes, "ms", beside=beside),
        largest(over, [one.offset_ms for one in offsets]),
        of(f"drift of sound to picture, the last five minutes to the first{over}", [drift_ms], "ms"),
        of(f"drift of the file to wall time, the last five minutes to the first{over}", [clock_ms], "ms"),
    ]


def _behind_ms(offsets: list[Offset], first_at_s: float) -> float:
    """Return how long after its full second of wall time a flash stands in the file."""
    return median((first_at_s + one.time_s + 0.5) % 1 - 0.5 for one in offsets) * 1000


def _tracks(file: Path) -> tuple[float, float]:
    """Return how long the picture track is, in seconds, and by how many milliseconds the other one differs."""
    with av.open(str(file)) as container:
        video, audio = (
            float((stream.duration or 0) * (stream.time_base or 0))
            for stream in (container.streams.video[0], container.streams.audio[0])
        )
    return video, abs(video - audio) * 1000
