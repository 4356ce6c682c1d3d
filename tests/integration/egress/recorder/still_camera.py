"""A camera that sends one keyframe again and again, encoded beforehand: it costs nothing, and may have any size at all."""

import time
from fractions import Fraction

import av
import numpy as np
from livekit import rtc

from tests.support.patient_publisher import PatientPublisher

_VP8 = rtc.VideoCodec.VP8  # H.264 has no odd sizes


def keyframe(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """Encode one picture of one colour (Y, U, V) that needs no other."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.options = Fraction(1, 30), {"deadline": "realtime", "cpu-used": "8"}
    picture = av.VideoFrame(width, height, "yuv420p")
    picture.pts = 0
    for plane, value in zip(picture.planes, colour, strict=True):
        plane.update(np.full(plane.buffer_size, value, np.uint8).tobytes())
    return b"".join(bytes(packet) for frame in (picture, None) for packet in encoder.encode(frame))


class StillCamera(PatientPublisher):
    def __init__(self, width: int, height: int) -> None:
        """The size is what the track is published with."""
        super().__init__()
        self._size = width, height
        self._source = rtc.EncodedVideoSource(width, height)

    def _published(self) -> tuple[rtc.LocalTrack, rtc.TrackPublishOptions]:
        track = rtc.LocalVideoTrack.create_video_track("camera", self._source)
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_CAMERA,
            video_codec=_VP8,
            video_encoder=rtc.VideoEncoderBackend.ENCODER_BACKEND_PRE_ENCODED,
            simulcast=False,
        )
        return track, options

    def show(self, picture: bytes) -> None:
        now_us = time.monotonic_ns() // 1000
        kind = rtc.EncodedFrameType.ENCODED_FRAME_KEY
        self._source.capture_frame(rtc.EncodedVideoFrame(picture, *self._size, _VP8, kind, now_us))

    async def leave(self) -> None:
        await super().leave()
        await self._source.aclose()
