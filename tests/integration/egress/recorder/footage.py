"""Reads recordings back: colours, tones, and when things flash and beep."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

RATE_HZ = 48_000
_WINDOW = RATE_HZ // 20
_EVERY = 10
"""Every tenth pixel of every tenth row is kept: a whole recording would take gigabytes."""
Colour = tuple[int, int, int]
Thumbnail = npt.NDArray[np.uint8]
"""Shape (height, width, 3): Y, U, V."""
Crop = tuple[float, npt.NDArray[np.uint8]]
"""Time in seconds and luma of a part of a frame."""


def thumbnail(frame: av.VideoFrame) -> Thumbnail:
    planes = []
    for plane, every in zip(frame.planes, (_EVERY, _EVERY // 2, _EVERY // 2), strict=True):
        planes.append(_rows(plane)[::every, ::every])
    return np.stack(planes, axis=-1)


def _rows(plane: av.video.plane.VideoPlane) -> npt.NDArray[np.uint8]:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def at_place(picture: Thumbnail, x: int, y: int) -> Colour:
    """Y, U, V of a place in the whole picture."""
    luma, u, v = picture[y // _EVERY, x // _EVERY]
    return int(luma), int(u), int(v)


def still(path: Path, at_s: float) -> Thumbnail:
    """One whole frame, every second pixel of every second row."""
    with av.open(str(path)) as container:
        frame = next(frame for frame in container.decode(video=0) if frame.time >= at_s)
        y, u, v = (_rows(plane) for plane in frame.planes)
        return np.stack([y[::2, ::2], u, v], axis=-1)


def latest(path: Path) -> tuple[float, Thumbnail]:
    """Time and picture of the last frame of a file that is being written; only what is behind its last keyframe is decoded."""
    packets: list[av.Packet] = []
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            packets = [packet] if packet.is_keyframe else [*packets, packet]
        frame = [frame for packet in packets for frame in packet.decode()][-1]
        return frame.time, thumbnail(frame)


def crops(path: Path, part: tuple[slice, slice]) -> list[Crop]:
    """A part of every frame's luma, each pixel of it, with the frame's time."""
    with av.open(str(path)) as container:
        return [(frame.time, _rows(frame.planes[0])[part].copy()) for frame in container.decode(video=0)]


@dataclass
class Footage:
    pictures: list[tuple[float, Thumbnail]]
    sound: npt.NDArray[np.float32]
    """Mono, from the file's time 0 on."""

    @classmethod
    def read(cls, path: Path) -> "Footage":
        pictures, sound = [], []
        with av.open(str(path)) as container:
            for packet in container.demux():
                for frame in packet.decode():
                    if isinstance(frame, av.VideoFrame):
                        pictures.append((frame.time, thumbnail(frame)))
                    else:
                        sound.append(frame.to_ndarray().mean(axis=0))
        return cls(pictures, np.concatenate(sound) if sound else np.zeros(0, np.float32))

    def colour(self, at_s: float, x: int, y: int) -> Colour:
        """Y, U, V of a place."""
        return at_place(self.picture(at_s), x, y)

    def picture(self, at_s: float) -> Thumbnail:
        """The frame that is next to an instant."""
        return min(self.pictures, key=lambda picture: abs(picture[0] - at_s))[1]

    def level(self, hz: float, begin_s: float, end_s: float) -> float:
        """Mean amplitude of one frequency, some 40 Hz wide, in a stretch of the sound."""
        part = self.sound[int(begin_s * RATE_HZ) : int(end_s * RATE_HZ)]
        windows = part[: len(part) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
        turn = np.exp(-2j * np.pi * hz * np.arange(_WINDOW) / RATE_HZ) * np.hanning(_WINDOW) * 2
        return float(2 * abs((windows * turn).mean(axis=1)).mean())

    def flashes(self) -> list[float]:
        """When the middle of the picture turns from the publisher's black to white.

        What follows on the darker grey of an empty place is no flash: it had begun before the picture came.
        """
        light = [(at, int(picture[36, 64, 0])) for at, picture in self.pictures]
        return [at for (_, before), (at, now) in itertools.pairwise(light) if before < 21 and now > 128]

    def beeps(self) -> list[float]:
        """When sound sets in after at least 0.2 s of silence."""
        loud = np.flatnonzero(np.convolve(np.abs(self.sound), np.ones(48) / 48, "same") > 0.03)
        first = np.flatnonzero(np.diff(loud, prepend=-RATE_HZ) > RATE_HZ // 5)
        return [float(loud[i]) / RATE_HZ for i in first]


def close_to(one: Colour, other: Colour, tolerance: int = 8) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))
