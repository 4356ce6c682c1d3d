"""What a container holds, in plain values."""

import hashlib

import av

from rtcstack.egress.container.stream_info import StreamInfo


def _duration_ms(stream: av.VideoStream | av.AudioStream) -> int:
    if stream.duration is None or stream.time_base is None:
        return 0
    return round(stream.duration * stream.time_base * 1000)


def _digest(stream: av.VideoStream | av.AudioStream) -> str:
    return hashlib.sha256(stream.codec_context.extradata or b"").hexdigest()


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
