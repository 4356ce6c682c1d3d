"""A part of a recording that grows at will: the recorder's own encoder and muxer, and much that says nothing in between."""

from collections.abc import Sequence
from pathlib import Path

import av
import msgspec
import numpy as np

from rtcstack.egress.job import Encoding, Span, spans_path
from rtcstack.egress.recorder.encoder import Encoder
from rtcstack.egress.recorder.muxers import Mp4, Packet, Source

_ENCODING = Encoding(width=320, height=180, keyframe_interval_s=1.0)
_RATE_HZ = 48_000
_FILLER = b"\0\0\0\1\x0c"
"""What begins a NAL unit of filler data (ITU-T H.264, 7.3.2.7): decoders leave it out."""


class _Padded(Mp4):
    """Pictures take as much room as they are told on average, from half of it to one and a half times it."""

    def __init__(self, file: Path, sources: Sequence[Source], picture_bytes: int) -> None:
        super().__init__(file, sources)
        dice = np.random.default_rng(7)
        self._pattern = dice.integers(1, 256, 5 * picture_bytes // 2, dtype=np.uint8).tobytes()
        self._picture_bytes = picture_bytes

    def write(self, packet: Packet, source: Source) -> None:
        if isinstance(source, av.VideoStream) and packet.pts is not None:
            begin = packet.pts * 7919 % self._picture_bytes  # no two pictures are the same
            chance = int.from_bytes(self._pattern[begin : begin + 4], "big")
            end = begin + self._picture_bytes // 2 + chance % self._picture_bytes
            filler = _FILLER + self._pattern[begin:end] + b"\x80"
            padded: Packet = av.Packet(bytes(packet) + filler)
            padded.pts, padded.dts, padded.time_base = packet.pts, packet.dts, packet.time_base
            padded.duration, padded.is_keyframe = packet.duration, packet.is_keyframe
            packet = padded
        super().write(packet, source)


class GrowingPart:
    """Begins with its first picture; `end` closes the file as a recorder does."""

    def __init__(self, file: Path, picture_bytes: int = 200_000, wall_ns: int = 1) -> None:
        self.file = file
        self.ticks = 0
        self._encoder = Encoder(None, _ENCODING)
        self._encoder._muxers.append(_Padded(file, self._encoder.sources, picture_bytes))
        spans_path(file).write_bytes(msgspec.json.encode((Span(wall_ns, 0),)))

    @property
    def seconds(self) -> float:
        return self.ticks / _ENCODING.framerate

    def grow(self, size_bytes: int) -> None:
        """Record until the file has at least that size."""
        while self.file.stat().st_size < size_bytes:
            self._tick()

    def last(self, seconds: float) -> None:
        """Record until it lasts that long."""
        while self.seconds < seconds:
            self._tick()

    def _tick(self) -> None:
        block = _RATE_HZ // _ENCODING.framerate
        self._encoder.write_picture(_picture(self.ticks), self.ticks)
        self._encoder.write_sound(np.zeros((2, block), np.float32), self.ticks * block)
        self.ticks += 1

    def end(self) -> None:
        self._encoder.close()


def brightness(tick: int) -> int:
    """Return how bright the picture of a tick is: it tells pictures of the next seconds from each other."""
    return 20 + tick % 200


def _picture(tick: int) -> av.VideoFrame:
    picture = av.VideoFrame(_ENCODING.width, _ENCODING.height, "yuv420p")
    for plane in picture.planes:
        plane.update(np.full(plane.buffer_size, brightness(tick), np.uint8).tobytes())
    return picture
