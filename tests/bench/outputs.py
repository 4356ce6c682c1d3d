"""What segments and images cost beside a file: processor time of the recorder's own encoder and muxers, without a room."""

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

import av
import numpy as np

from rtcstack.egress.job import Encoding, RecordingJob
from rtcstack.egress.ledger import Ledger
from rtcstack.egress.outputs import ImagesOutput, Outputs, SegmentsOutput
from rtcstack.egress.recorder.files import open_files
from tests.bench.figures import Figure, of
from tests.support.appliance import Appliance

_SECONDS, _ROUNDS = 10, 5
_ENCODING = Encoding()
_RATE_HZ, _BLOCK = 48_000, 1024
_RATIO = 1.05
_ALL = Outputs(
    segments=SegmentsOutput("", "list.m3u8", "piece"),
    images=(ImagesOutput("still"), ImagesOutput("poster", width=640, suffix="none")),
)


async def measure(appliance: Appliance) -> list[Figure]:
    del appliance  # nothing of it is needed
    return await asyncio.to_thread(_measure)


def _measure() -> list[Figure]:
    alone, together = [], []
    for _ in range(_ROUNDS):
        alone.append(_cores(Outputs()))
        together.append(_cores(_ALL))
    ratios = [one / other for one, other in zip(together, alone, strict=True)]
    beside = f"the file alone: {median(alone):.3f} core; with the others {median(together):.3f}"
    return [of("file, segments and images: CPU to the file alone", ratios, "x", target=_RATIO, beside=beside)]


def _cores(outputs: Outputs) -> float:
    """Return how much of a core encoding and writing in real time would take: every second frame is a new picture."""
    noise = np.random.default_rng(1)
    grain = noise.integers(90, 150, (_ENCODING.height, 2 * _ENCODING.width), np.uint8)
    hiss = noise.normal(0, 0.05, (2, _BLOCK)).astype(np.float32)
    with tempfile.TemporaryDirectory(prefix="rtcstack-bench-") as folder:
        job = RecordingJob("EG_1", "room", "", "", "", Path(folder), encoding=_ENCODING, outputs=outputs)
        began_s, encoder, blocks = time.process_time(), open_files(job, Ledger(job.folder)), 0
        frame = _picture(grain, 0)
        for tick in range(_SECONDS * _ENCODING.framerate):
            if tick % 2 == 0:
                frame = _picture(grain, tick // 2)
            encoder.write_picture(frame, tick)
            while (blocks + 1) * _BLOCK * _ENCODING.framerate <= (tick + 1) * _RATE_HZ:
                encoder.write_sound(hiss, blocks * _BLOCK)
                blocks += 1
        encoder.close()
        return (time.process_time() - began_s) / _SECONDS


def _picture(grain: np.ndarray, number: int) -> av.VideoFrame:
    shift = number * 8 % _ENCODING.width
    chroma = np.full((_ENCODING.height // 2, _ENCODING.width), 128, np.uint8)
    luma = grain[:, shift : shift + _ENCODING.width]
    return av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
