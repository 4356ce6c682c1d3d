"""Recordings made by the recorder's own encoder whose pictures carry their number and whose sound tells the second.

Every picture has sixteen black or white blocks on top, the lowest bit first; below them a texture drifts. A burst of
1 kHz lasts the first tenth of each second.
"""

import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from rtcstack.egress.job import Encoding
from rtcstack.egress.recorder.encoder import Encoder

SMALL = Encoding(width=320, height=180)
RATE_HZ = 48_000
BITS = 16
_BLACK, _WHITE, _GREY = 24, 225, 128
_HZ, _BURST = 1000, RATE_HZ // 10
_QUIET = 0.05
_BLOCK = RATE_HZ // 10


def picture(number: int, encoding: Encoding) -> av.VideoFrame:
    width, height = encoding.width, encoding.height
    drift = np.sin((np.arange(width)[None, :] + 3 * number) / 17) + np.sin(
        (np.arange(height)[:, None] + number) / 11
    )
    luma = (120 + 45 * drift).astype(np.uint8)
    bits = (number >> np.arange(BITS)) & 1
    luma[: height // 8] = np.repeat(np.where(bits == 1, _WHITE, _BLACK), width // BITS)[None, :]
    chroma = np.full((height // 2, width), _GREY, np.uint8)
    return av.VideoFrame.from_ndarray(np.vstack([luma, chroma]).astype(np.uint8), format="yuv420p")


def sound(begin: int, count: int) -> npt.NDArray[np.float32]:
    at = np.arange(begin, begin + count)
    # A cosine: the burst begins loud, so that its first sample can be told.
    wave = 0.5 * np.cos(2 * np.pi * _HZ * at / RATE_HZ) * (at % RATE_HZ < _BURST)
    return np.stack([wave, wave]).astype(np.float32)


def record(
    file: Path,
    seconds: float,
    *,
    first: int = 0,
    encoding: Encoding = SMALL,
    has_video: bool = True,
    has_audio: bool = True,
    killed: bool = False,
) -> Path:
    """Write a file of which the first picture has the number `first`; `killed` leaves it as it is while it grows."""
    target = file.with_name(f"open-{file.name}") if killed else file
    encoder = Encoder(target, encoding, has_video=has_video, has_audio=has_audio)
    written = 0
    for tick in range(round(seconds * encoding.framerate)):
        if has_video:
            encoder.write_picture(picture(first + tick, encoding), tick)
        # Sound follows a little later, as it does in a recorder.
        while has_audio and written + _BLOCK <= (tick + 1) / encoding.framerate * RATE_HZ:
            encoder.write_sound(sound(written, _BLOCK), written)
            written += _BLOCK
    if killed:
        shutil.copy(target, file)
    encoder.close()
    if killed:
        target.unlink()
    return file


def number_of(luma: npt.NDArray[np.uint8]) -> int:
    height, width = luma.shape
    row = luma[height // 32 : height // 10]
    block = width // BITS
    lit = [
        row[:, bit * block + block // 4 : (bit + 1) * block - block // 4].mean() > _GREY
        for bit in range(BITS)
    ]
    return sum(int(is_lit) << bit for bit, is_lit in enumerate(lit))


def numbers(file: Path) -> list[int]:
    """Return the numbers of all pictures that a player shows, in order."""
    with av.open(str(file)) as container:
        return [number_of(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]


def picture_times(file: Path) -> list[float]:
    with av.open(str(file)) as container:
        return [float(frame.time or 0) for frame in container.decode(video=0)]


def heard(file: Path) -> npt.NDArray[np.float32]:
    """Return the samples of the left channel that a player plays, decoded by ffmpeg, which honours edit lists."""
    command = ["ffmpeg", "-v", "error", "-i", str(file), "-map", "0:a", "-ac", "1", "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.float32)


def bursts(file: Path) -> list[int]:
    """Return the sample at which each burst begins; AAC smears an edge over a few."""
    loud = np.flatnonzero(np.abs(heard(file)) > _QUIET)
    begins = np.flatnonzero(np.diff(loud, prepend=-RATE_HZ) > RATE_HZ // 2)
    return [int(loud[at]) for at in begins]
