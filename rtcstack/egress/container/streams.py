"""What a container holds, in plain values."""

import hashlib
from typing import Literal

import av
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


def _duration_ms(stream: av.VideoStream | av.AudioStream) -> int:
    if stream.duration is None or stream.time_base is None:
        return 0
    return round(stream.duration * stream.time_base * 1000)


def _digest(stream: av.VideoStream | av.AudioStream) -> str:
    return hashlib.sha256(stream.codec_context.extradata or b"").hexdigest()


def in_a_word(info: StreamInfo) -> str:
    """Return `h264,1280x720,30` or `aac,48000,2`: codec, size and rate of pictures; codec, rate and channels of sound."""
    if info.kind == "video":
        return f"{info.codec},{info.width}x{info.height},{info.framerate:g}"
    return f"{info.codec},{info.rate_hz},{info.channels}"


def describe(stream: av.stream.Stream) -> StreamInfo:
    if isinstance(stream, av.VideoStream):
        return StreamInfo(
            kind="video",
            codec=stream.codec_context.name,
            extradata_sha256=_digest(stream),
            duration_ms=_duration_ms(stream),
            width=stream.width,
            height=stream.height,
            framerate=float(stream.guessed_rate or 0),
        )
    assert isinstance(stream, av.AudioStream)
    return StreamInfo(
        kind="audio",
        codec=stream.codec_context.name,
        extradata_sha256=_digest(stream),
        duration_ms=_duration_ms(stream),
        rate_hz=stream.rate,
        channels=stream.channels,
    )
