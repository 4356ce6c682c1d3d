"""One stream of a container in plain values, and in a word."""

from typing import Literal

import msgspec


class StreamInfo(msgspec.Struct, frozen=True):
    """One stream. Width, height and frame rate are those of pictures, rate and channels those of sound."""

    kind: Literal["video", "audio"]
    codec: str
    extradata_sha256: str
    """Of the decoder's configuration: streams join by copy when these agree."""
    duration_ms: int
    width: int = 0
    height: int = 0
    framerate: float = 0.0
    rate_hz: int = 0
    channels: int = 0


def in_a_word(info: StreamInfo) -> str:
    """Return `h264,1280x720,30` or `aac,48000,2`: codec, size and rate of pictures; codec, rate and channels of sound."""
    if info.kind == "video":
        return f"{info.codec},{info.width}x{info.height},{info.framerate:g}"
    return f"{info.codec},{info.rate_hz},{info.channels}"
