"""What decoding, composing and encoding the same two pictures costs ffmpeg, without a room around it."""

import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from rtcstack.demo.encoded import encode_loop
from rtcstack.demo.schedule import Media

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
