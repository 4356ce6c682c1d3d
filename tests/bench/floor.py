"""What the same two pictures cost without a room around them: the recorder's encoder alone, and ffmpeg from decoding on."""

import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from rtcstack.demo.encoded import encode_loop
from rtcstack.demo.picture import Picture
from rtcstack.demo.schedule import Media
from rtcstack.egress.job import Encoding
from rtcstack.egress.recorder.encoder import Encoder
from rtcstack.egress.recorder.media import RATE_HZ

_BLOCK = 1024
_GRAPH = "[0:v][1:v]hstack,pad=1280:720:0:180,fps=30[v]"


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _source(index: int, seconds: int, folder: Path) -> Path:
    """Write a participant's pictures as a bare H.264 stream."""
    media = Media()
    loop = b"".join(unit.data for unit in encode_loop(index, media))
    file = folder / f"{index}.h264"
    file.write_bytes(loop * (seconds // 4 + 1))
    return file


def ffmpeg_cores(seconds: int) -> float:
    """Return the cores that ffmpeg uses for it in real time: x264 veryfast on one thread, and a mix of two tones."""
    ffmpeg = shutil.which("ffmpeg")
    assert ffmpeg, "ffmpeg is missing. To get it:  sudo apt-get install -y ffmpeg"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = []
        for index in range(2):
            inputs += ["-re", "-framerate", "15", "-i", str(_source(index, seconds, folder))]
        for tone in (331, 428):
            inputs += ["-re", "-f", "lavfi", "-i", f"sine=frequency={tone}:sample_rate=48000"]
        video = ["-map", "[v]", "-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-b:v", "3M"]
        audio = [
            "-filter_complex",
            f"{_GRAPH};[2:a][3:a]amix[a]",
            "-map",
            "[a]",
            "-c:a",
            "aac",
            "-b:a",
            "128k",
        ]
        command = [
            ffmpeg,
            "-v",
            "error",
            *inputs,
            *audio,
            *video,
            "-t",
            str(seconds),
            str(folder / "out.mp4"),
        ]
        before, began = _children_cpu_s(), time.monotonic()
        subprocess.run(command, check=True)
        return (_children_cpu_s() - before) / (time.monotonic() - began)


def encoder_cores(seconds: int) -> float:
    """Return the cores that the recorder's own encoder and muxer use for the composed pictures and a sound."""
    media, encoding = Media(), Encoding()
    pictures = [Picture(index, media.width, media.height) for index in range(2)]
    hiss = np.random.default_rng(1).normal(0, 0.05, (2, _BLOCK)).astype(np.float32)
    used_s, blocks = 0.0, 0
    with tempfile.TemporaryDirectory(prefix="rtcstack-bench-") as folder:
        encoder = Encoder(Path(folder) / "out.mp4", encoding)
        frame, shown = None, -1
        for tick in range(seconds * encoding.framerate):
            number = tick * media.framerate // encoding.framerate
            if (
                frame is None or number != shown
            ):  # an unchanged picture is the very same frame, as in a recorder
                frame, shown = (
                    composed([picture.draw(number) for picture in pictures], media, encoding),
                    number,
                )
            began_s = time.process_time()
            encoder.write_picture(frame, tick)
            while (blocks + 1) * _BLOCK * encoding.framerate <= (tick + 1) * RATE_HZ:
                encoder.write_sound(hiss, blocks * _BLOCK)
                blocks += 1
            used_s += time.process_time() - began_s
        began_s = time.process_time()
        encoder.close()
    return (used_s + time.process_time() - began_s) / seconds


def composed(drawn: list[NDArray[np.uint8]], media: Media, encoding: Encoding) -> av.VideoFrame:
    """Return the grid of two: side by side in the middle, on black."""
    planes = [np.full((encoding.height, encoding.width), 16, np.uint8)]
    planes += [np.full((encoding.height // 2, encoding.width // 2), 128, np.uint8) for _ in range(2)]
    for number, data in enumerate(drawn):
        flat = np.asarray(data, np.uint8).reshape(-1)
        for plane in planes:
            half = 1 if plane is planes[0] else 2
            width, height = media.width // half, media.height // half
            part, flat = flat[: width * height].reshape(height, width), flat[width * height :]
            top = (plane.shape[0] - height) // 2
            plane[top : top + height, number * width : (number + 1) * width] = part
    rows = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(-1, encoding.width)
    return av.VideoFrame.from_ndarray(rows, format="yuv420p")
