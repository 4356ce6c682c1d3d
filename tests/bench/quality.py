"""How good the pictures are for their bits: the same composed ones through the recorder's encoder and through ffmpeg's x264.

They are a room of two as a recorder gets it: what participants of 640x360 at 15 frames a second have encoded at 1 Mbit/s,
decoded, side by side in 1280x720 at 30 frames a second. What comes out is judged against them, by its luma.
"""

import asyncio
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from rtcstack.demo.encoded import encode_loop
from rtcstack.demo.picture import Plane
from rtcstack.demo.schedule import Media
from rtcstack.egress.job import Encoding
from rtcstack.egress.recorder.encoder import Encoder
from tests.bench.figures import Figure, of
from tests.bench.floor import composed
from tests.support.appliance import Appliance

_SECONDS = 10
_FULL = Encoding()
FINE = Encoding(crf=14)
"""With which the recorder's pictures are as good as those of ffmpeg's x264 veryfast at 3 Mbit/s."""
_SCARCE = Encoding(video_bitrate_bps=600_000)
"""A ceiling that these pictures meet, as harder ones meet that of 3 Mbit/s."""
_BESIDE_BPS = (500_000, 900_000, 1_500_000, _FULL.video_bitrate_bps)
"""ffmpeg is asked for each: that gives its quality at any rate between them."""
_RAW = f"-f rawvideo -pix_fmt yuv420p -s {_FULL.width}x{_FULL.height} -r {_FULL.framerate} -i".split()
_EVEN = f"settb=1/{_FULL.framerate},setpts=N,split"
_COMPARE = f"[0:v]{_EVEN}[a][b];[1:v]{_EVEN}[c][d];[a][c]ssim;[b][d]psnr"
_SSIM, _PSNR = re.compile(r"SSIM Y:[\d.]+ \(([\d.]+)\)"), re.compile(r"PSNR y:([\d.]+)")


@dataclass(frozen=True)
class _Run:
    """What became of the pictures; both measures in dB, SSIM as -10 log10(1 - SSIM), as ffmpeg prints it."""

    cores: float
    kbps: float
    ssim: float
    psnr: float

    def __str__(self) -> str:
        return (
            f"{self.kbps:.0f} kbit/s: SSIM {self.ssim:.2f} dB, PSNR {self.psnr:.2f} dB, {self.cores:.3f} core"
        )


async def measure(appliance: Appliance) -> list[Figure]:
    """Encode the same 10 s by both, at several rates, without a room."""
    del appliance  # nothing of it is needed
    with tempfile.TemporaryDirectory(prefix="rtcstack-bench-") as folder:
        return await asyncio.to_thread(_measure, Path(folder))


def _measure(folder: Path) -> list[Figure]:
    pictures = folder / "pictures.yuv"
    with pictures.open("wb") as file:
        for picture in _pictures():
            file.write(picture.tobytes())
    own, fine, scarce = (_recorded(pictures, encoding) for encoding in (_FULL, FINE, _SCARCE))
    return _figures(own, fine, scarce, [_encoded(pictures, rate_bps) for rate_bps in _BESIDE_BPS])


def _figures(own: _Run, fine: _Run, scarce: _Run, beside: list[_Run]) -> list[Figure]:
    full = beside[-1]
    words = f"recorder {fine}; ffmpeg, x264 veryfast {full}"
    said = "; ".join(map(str, beside))
    less = [_less(run, beside) for run in (own, scarce)]
    return [
        of(
            f"SSIM of the recorder's pictures, at most 3 Mbit/s, RTCSTACK_EGRESS__CRF={FINE.crf}",
            [fine.ssim],
            "dB",
            target=full.ssim,
            beside=words,
            is_floor=True,
        ),
        of("the same as it is by default", [own.ssim], "dB", beside=f"recorder {own}"),
        of(
            "SSIM, ffmpeg's less the recorder's at the same bitrate",
            [ssim for ssim, _ in less],
            "dB",
            beside=said,
        ),
        of("PSNR, the same", [psnr for _, psnr in less], "dB", beside=f"recorder {own}; {scarce}"),
        of("CPU of the recorder's encoder to ffmpeg's at that quality", [fine.cores / full.cores], "x"),
        of("the same, each at its bitrate by default", [own.cores / full.cores], "x"),
    ]


def _less(run: _Run, beside: list[_Run]) -> tuple[float, float]:
    """Return by how much this is worse than the others at its bitrate would be; in between the logarithm of the rate counts."""
    rates, at = np.log([one.kbps for one in beside]), np.log(run.kbps)
    ssim = np.interp(at, rates, [one.ssim for one in beside]) - run.ssim
    psnr = np.interp(at, rates, [one.psnr for one in beside]) - run.psnr
    return float(ssim), float(psnr)


def _pictures() -> Iterator[Plane]:
    """Yield the composed pictures; each of the sources' stands for two of them."""
    media = Media()
    sources = [_decoded(index, media) for index in range(2)]
    for tick in range(_SECONDS * _FULL.framerate):
        number = tick * media.framerate // _FULL.framerate
        drawn = [source[number % len(source)] for source in sources]
        yield composed(drawn, media, _FULL).to_ndarray().astype(np.uint8, copy=False)


def _decoded(index: int, media: Media) -> list[Plane]:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    packets = [av.Packet(unit.data) for unit in encode_loop(index, media)]
    return [
        frame.to_ndarray().astype(np.uint8, copy=False)
        for packet in [*packets, None]
        for frame in decoder.decode(packet)
    ]


def _recorded(pictures: Path, encoding: Encoding) -> _Run:
    """Encode as a recorder does: an unchanged picture is the very same frame."""
    file = pictures.with_name("recorder.mp4")
    encoder = Encoder(file, encoding, has_audio=False)
    shape = (_SECONDS * _FULL.framerate, _FULL.height * 3 // 2, _FULL.width)
    used_s, frame = 0.0, None
    for tick, picture in enumerate(np.memmap(pictures, np.uint8, "r", shape=shape)):
        if frame is None or tick % 2 == 0:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="yuv420p")
        began_s = time.process_time()
        encoder.write_picture(frame, tick)
        used_s += time.process_time() - began_s
    began_s = time.process_time()
    encoder.close()
    return _judged(file, pictures, (used_s + time.process_time() - began_s) / _SECONDS)


def _encoded(pictures: Path, rate_bps: int) -> _Run:
    """Encode as a user of ffmpeg would, with the recorder's limits and keyframes."""
    file = pictures.with_name("ffmpeg.mp4")
    limits = f"-b:v {rate_bps} -maxrate {rate_bps} -bufsize {2 * rate_bps}".split()
    keyframes = str(round(_FULL.keyframe_interval_s * _FULL.framerate))
    codec = ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-g", keyframes]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *_RAW, str(pictures), *codec, *limits, str(file)], check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return _judged(file, pictures, used_s / _SECONDS)


def _judged(file: Path, pictures: Path, cores: float) -> _Run:
    argv = [
        "ffmpeg",
        "-hide_banner",
        "-i",
        str(file),
        *_RAW,
        str(pictures),
        "-lavfi",
        _COMPARE,
        "-f",
        "null",
        "-",
    ]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    (ssim,), (psnr,) = _SSIM.findall(said), _PSNR.findall(said)
    with av.open(str(file)) as container:
        sizes = [packet.size for packet in container.demux(video=0) if packet.pts is not None]
    assert len(sizes) == _SECONDS * _FULL.framerate, f"{len(sizes)} pictures in {file.name}"
    return _Run(cores, sum(sizes) * 8 / _SECONDS / 1000, float(ssim), float(psnr))
