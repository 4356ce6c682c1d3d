"""A clip of 20 s out of a recording of two hours at 720p in MinIO, beside the ffmpeg call that a user would make."""

import asyncio
import subprocess
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
from minio import Minio

from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.egress.container.index import Index, build_index, write_index
from rtcstack.egress.job import Encoding
from rtcstack.egress.recorder import encoder, muxers
from rtcstack.ports.media import Cut, CutMode, MediaSource
from tests.bench.figures import Figure, of
from tests.support.appliance import Appliance
from tests.support.numbered import number_of, picture, sound

_LOOP_S, _LOOPS = 30, 240
_CLIP_S = 20
_STARTS_S = (3601.7, 1234.5, 5400.2, 77.77, 7000.1)
_ENCODING = Encoding()
_RATE_HZ = 48_000
_KEY = "bench/two-hours.mp4"
_LINK = timedelta(hours=1)
_RATIO_BYTES, _RATIO_DEFAULT, _RATIO_SMART, _PERCENT = 1.3, 1.1, 0.25, 1.0


def _textured(number: int) -> av.VideoFrame:
    """Return a picture with grain that moves, so that it costs what a room's does."""
    planes = picture(number, _ENCODING).to_ndarray()
    top = _ENCODING.height // 8
    grain = np.random.default_rng(1).integers(-9, 9, planes[top : _ENCODING.height].shape)
    planes[top : _ENCODING.height] += np.roll(grain, number // 2, axis=1).astype(np.uint8)
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def _record_loop(file: Path) -> None:
    made = encoder.Encoder(file, _ENCODING)
    for second in range(_LOOP_S):
        for tick in range(second * _ENCODING.framerate, (second + 1) * _ENCODING.framerate):
            made.write_picture(_textured(tick), tick)
        made.write_sound(sound(second * _RATE_HZ, _RATE_HZ), second * _RATE_HZ)
    made.close()


def _repeat(loop: Path, out: Path) -> None:
    """Write the loop's packets again and again, into a file as a recorder writes it."""
    with av.open(str(out), "w", format="mp4", options=muxers.MP4) as target, av.open(str(loop)) as source:
        streams = [target.add_stream_from_template(stream) for stream in source.streams]
        packets = [
            (bytes(p), p.pts, p.stream_index, p.is_keyframe) for p in source.demux() if p.dts is not None
        ]
        for nth in range(_LOOPS):
            for content, pts, index, is_keyframe in packets:
                base = source.streams[index].time_base
                if nth and pts < 0:
                    continue  # the encoder's lead-in stands at the very beginning only
                packet = av.Packet(content)
                packet.pts = packet.dts = pts + round(nth * _LOOP_S / base)
                packet.time_base, packet.is_keyframe, packet.stream = base, is_keyframe, streams[index]
                target.mux(packet)


@dataclass(frozen=True)
class _Stored:
    url: str
    index_url: str
    index: Index
    sidecar_bytes: int
    largest_sidecar_bytes: int
    """If no half minute were like the one before: what repeats packs better than a real recording does."""

    def group_bytes(self, start_s: float) -> int:
        """Return the size of the keyframe groups that a clip from here covers."""
        times_ms = [keyframe.pts_ms for keyframe in self.index.keyframes]
        first = bisect_right(times_ms, start_s * 1000) - 1
        end = bisect_left(times_ms, (start_s + _CLIP_S) * 1000)
        return self.index.keyframes[end].offset - self.index.keyframes[first].offset


@dataclass
class _Rounds:
    """What was measured of each start, in order."""

    ffmpeg_s: list[float] = field(default_factory=list)
    taken_s: dict[CutMode, list[float]] = field(default_factory=lambda: {"reencode": [], "smart": []})
    ratio: dict[CutMode, list[float]] = field(default_factory=lambda: {"reencode": [], "smart": []})
    bytes_ratio: list[float] = field(default_factory=list)
    bytes_percent: list[float] = field(default_factory=list)


def _store(appliance: Appliance, folder: Path) -> _Stored:
    loop, file = folder / "loop.mp4", folder / "two-hours.mp4"
    _record_loop(loop)
    _repeat(loop, file)
    index = build_index(file, ())
    sidecar = write_index(file, index)
    largest_bytes = _LOOPS * write_index(loop, build_index(loop, ())).stat().st_size
    own = appliance.settings.storage
    keys = {"access_key": own.access_key.get_secret_value(), "secret_key": own.secret_key.get_secret_value()}
    client = Minio(f"{own.host}:{own.port}", **keys, region=own.region, secure=False)
    beside = _KEY.replace(".mp4", ".index.json.gz")
    for path, key in ((file, _KEY), (sidecar, beside)):
        client.fput_object(own.bucket, key, str(path))
    url, index_url = (client.presigned_get_object(own.bucket, key, _LINK) for key in (_KEY, beside))
    file.unlink()
    return _Stored(url, index_url, index, sidecar.stat().st_size, largest_bytes)


def _ffmpeg(url: str, start_s: float, out: Path) -> None:
    """Cut as a user would, as nice to others as the product is."""
    seek = ["-ss", str(start_s), "-i", url, "-t", str(_CLIP_S)]
    codecs = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "aac"]
    subprocess.run(["nice", "-n", "10", "ffmpeg", "-v", "error", "-y", *seek, *codecs, str(out)], check=True)


def _check(out: Path, start_s: float) -> None:
    with av.open(str(out)) as clip:
        seen = [number_of(frame.to_ndarray(format="gray")) for frame in clip.decode(video=0)]
    first = round(start_s * _ENCODING.framerate)
    loop = _LOOP_S * _ENCODING.framerate
    expected = [(first + n) % loop for n in range(_CLIP_S * _ENCODING.framerate)]
    assert seen == expected, f"the clip from {start_s} s shows {seen[0]}…{seen[-1]}, expected {expected[0]}…"


async def _timed(work: Coroutine[Any, Any, Any]) -> tuple[float, Any]:
    began = time.monotonic()
    done = await work
    return time.monotonic() - began, done


async def _round(media: MediaProcesses, stored: _Stored, start_s: float, out: Path, rounds: _Rounds) -> None:
    beside_s, _ = await _timed(asyncio.to_thread(_ffmpeg, stored.url, start_s, out))
    rounds.ffmpeg_s.append(beside_s)
    source = MediaSource(stored.url, stored.index_url)
    for mode, ratio in rounds.ratio.items():
        cutting = media.cut(source, start_s, start_s + _CLIP_S, mode, out, lambda _: None)
        taken_s, done = await _timed(cutting)
        assert isinstance(done, Cut)
        assert done.mode == mode
        _check(out, start_s)
        rounds.taken_s[mode].append(taken_s)
        ratio.append(taken_s / beside_s)
        if mode == "smart":
            continue  # it reads the same
        media_bytes = done.bytes_read - stored.sidecar_bytes
        rounds.bytes_ratio.append(media_bytes / stored.group_bytes(start_s))
        whole_bytes = media_bytes + stored.largest_sidecar_bytes
        rounds.bytes_percent.append(100 * whole_bytes / stored.index.size_bytes)


def _figures(rounds: _Rounds, stored: _Stored) -> list[Figure]:
    ffmpeg = f"ffmpeg -ss … -i URL -t {_CLIP_S}: {median(rounds.ffmpeg_s):.2f} s"
    targets: dict[CutMode, float] = {"reencode": _RATIO_DEFAULT, "smart": _RATIO_SMART}
    whole, sidecar = stored.index.size_bytes / 1e6, stored.largest_sidecar_bytes / 1e6
    sizes = f"a recording of {whole:.0f} MB, with a sidecar of {sidecar:.1f} MB"
    found = [
        of(
            "clip of 20 s out of two hours: bytes to those of its keyframe groups",
            rounds.bytes_ratio,
            "x",
            target=_RATIO_BYTES,
        ),
        of("the same to download-then-cut", rounds.bytes_percent, "%", target=_PERCENT, beside=sizes),
    ]
    for mode, target in targets.items():
        beside = f"{ffmpeg}, {mode} {median(rounds.taken_s[mode]):.2f} s"
        found.append(
            of(
                f"clip of 20 s, {mode}: time to ffmpeg's",
                rounds.ratio[mode],
                "x",
                target=target,
                beside=beside,
            )
        )
    return found


async def measure(appliance: Appliance) -> list[Figure]:
    """Cut from five places; each clip's pictures are checked by their numbers."""
    rounds = _Rounds()
    with tempfile.TemporaryDirectory(prefix="rtcstack-bench-") as folder:
        stored = await asyncio.to_thread(_store, appliance, Path(folder))
        media = MediaProcesses([appliance.settings.storage.url])
        for start_s in _STARTS_S:
            await _round(media, stored, start_s, Path(folder) / "clip.mp4", rounds)
    return _figures(rounds, stored)
