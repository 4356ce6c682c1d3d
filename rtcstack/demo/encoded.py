"""A camera whose pictures were encoded beforehand: next to no CPU for every participant that is not looked at.

The client library passes the access units on as they are, so it cannot make a keyframe when LiveKit asks for one; the
loop is made of seconds that each begin with one, and goes on with the next second at once when one is asked for.
Every fourth second a frame number comes again.
"""

import time
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av
from livekit import rtc

from rtcstack.demo.picture import Picture
from rtcstack.demo.schedule import FLASH_FRAMES, Media, Schedule

_LOOP_S = 4
_FRAMES_IN_BUFFER = 2
"""No frame is larger than two of average size: LiveKit's pacer would hold up the ones behind it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One encoded frame, Annex B."""

    data: bytes
    is_keyframe: bool


@lru_cache(maxsize=32)
def encode_loop(index: int, media: Media) -> tuple[Unit, ...]:
    """Encode four seconds of a participant's picture, each second beginning with a keyframe."""
    picture = Picture(index, media.width, media.height)
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = media.width, media.height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, media.framerate), Fraction(media.framerate)
    encoder.bit_rate, encoder.gop_size, encoder.thread_count = media.bitrate_bps, media.framerate, 1
    encoder.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "profile": "baseline",
        "sc_threshold": "0",
        "maxrate": str(media.bitrate_bps),
        "bufsize": str(_FRAMES_IN_BUFFER * media.bitrate_bps // media.framerate),
    }
    units: list[Unit] = []
    for number in range(_LOOP_S * media.framerate):
        flash = media.flash and number % media.framerate < FLASH_FRAMES
        planes = picture.draw(number, flash=flash).reshape(media.height * 3 // 2, media.width)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = number
        units.extend(Unit(bytes(packet), packet.is_keyframe) for packet in encoder.encode(frame))
    return tuple(units)


class EncodedCamera:
    """Plays the loop; stands in for `Camera`."""

    def __init__(self, index: int, media: Media) -> None:
        self.frames_sent = 0
        self._media = media
        self._units = encode_loop(index, media)
        self._source = rtc.EncodedVideoSource(media.width, media.height)
        self.track = rtc.LocalVideoTrack.create_video_track("camera", self._source)
        self.options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_CAMERA,
            video_codec=rtc.VideoCodec.H264,
            video_encoder=rtc.VideoEncoderBackend.ENCODER_BACKEND_PRE_ENCODED,
            simulcast=False,
        )

    async def play(self) -> None:
        rate = self._media.framerate
        schedule = Schedule(rate)
        number = schedule.next_number()
        skipped = -number % rate
        while True:
            await schedule.wait(number)
            if self._source.take_feedback().keyframe_requested:
                skipped = -number % rate if not self._media.flash else 0
            self._send(self._units[(number + skipped) % len(self._units)])
            number += 1

    def _send(self, unit: Unit) -> None:
        kind = (
            rtc.EncodedFrameType.ENCODED_FRAME_KEY
            if unit.is_keyframe
            else rtc.EncodedFrameType.ENCODED_FRAME_DELTA
        )
        timestamp_us = (
            time.monotonic_ns() // 1000
        )  # LiveKit's own clock: sound and picture are synchronised by it
        self._source.capture_frame(
            rtc.EncodedVideoFrame(
                unit.data, self._media.width, self._media.height, rtc.VideoCodec.H264, kind, timestamp_us
            )
        )
        self.frames_sent += 1

    async def close(self) -> None:
        await self._source.aclose()
