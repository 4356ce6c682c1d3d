"""What a participant sends, and when: all of them keep to the full seconds of wall time."""

import asyncio
import time
from dataclasses import dataclass
from typing import Literal

from rtcstack.demo.tone import Sound

FLASH_FRAMES = 2


@dataclass(frozen=True, slots=True)
class Media:
    """What a participant sends."""

    width: int = 640
    height: int = 360
    framerate: int = 15
    codec: Literal["vp8", "h264", "vp9", "av1"] = "vp8"
    simulcast: bool = False
    bitrate_bps: int = 1_000_000
    sound: Sound = "tone"
    audio_frame_ms: int = 10
    """10 goes out at once; 50 costs half the CPU, but leaves up to 60 ms after the picture: not for lip sync."""
    flash: bool = False
    """A white picture for two frames at every full second."""
    encoded: bool = False
    """Encode once and send the result in a loop (H.264): for many participants on few cores."""
    camera: bool = True
    microphone: bool = True


class Schedule:
    """Instants of a stream with `rate` items a second, number 0 at a full second of wall time."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._epoch = time.monotonic() - time.time() % 1

    def next_number(self) -> int:
        return int((time.monotonic() - self._epoch) * self._rate) + 1

    async def wait(self, number: int) -> None:
        delay_s = self._epoch + number / self._rate - time.monotonic()
        await asyncio.sleep(max(delay_s, 0))
