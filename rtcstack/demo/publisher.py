"""What a participant does inside its own event loop: join, and send picture and sound by one clock.

Both streams are drawn from wall time: a full second is the beginning of a beep and the instant of a flash, for every
participant alike. Sound goes out in frames of 10 ms with no queue in between, which is the exact instant. A picture that is late
is left out; sound never is, since its samples are its clock.
"""

import asyncio
import contextlib
from typing import Literal

from livekit import rtc

from rtcstack.demo.encoded import EncodedCamera
from rtcstack.demo.picture import Picture
from rtcstack.demo.schedule import FLASH_FRAMES, Media, Schedule
from rtcstack.demo.tone import SAMPLE_RATE, Tone

_NO_QUEUE_MS = 10
"""Frames of this length need no queue in the client library."""
_CODECS = {
    "vp8": rtc.VideoCodec.VP8,
    "h264": rtc.VideoCodec.H264,
    "vp9": rtc.VideoCodec.VP9,
    "av1": rtc.VideoCodec.AV1,
}


def options(media: Media) -> rtc.TrackPublishOptions:
    return rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_CAMERA,
        video_codec=_CODECS[media.codec],
        simulcast=media.simulcast,
        video_encoding=rtc.VideoEncoding(max_framerate=media.framerate, max_bitrate=media.bitrate_bps),
    )


class Camera:
    """A drawn picture, encoded by the client library."""

    def __init__(self, index: int, media: Media) -> None:
        self.frames_sent = 0
        self._media = media
        self._picture = Picture(index, media.width, media.height)
        self._source = rtc.VideoSource(media.width, media.height)
        self.track = rtc.LocalVideoTrack.create_video_track("camera", self._source)
        self.options = options(media)

    async def play(self) -> None:
        schedule = Schedule(self._media.framerate)
        number = schedule.next_number()
        while True:
            await schedule.wait(number)
            flash = self._media.flash and number % self._media.framerate < FLASH_FRAMES
            frame = self._picture.draw(number, flash=flash)
            self._source.capture_frame(
                rtc.VideoFrame(self._media.width, self._media.height, rtc.VideoBufferType.I420, frame.data)
            )
            self.frames_sent += 1
            number = max(number + 1, schedule.next_number())

    async def close(self) -> None:
        await self._source.aclose()


class Microphone:
    """A tone or beeps. Discontinuous transmission is off, so that the silence before a beep is sent as well."""

    def __init__(self, index: int, media: Media) -> None:
        self._tone = Tone(index, media.sound)
        self._frame_ms = media.audio_frame_ms
        queue_ms = 0 if self._frame_ms == _NO_QUEUE_MS else 4 * self._frame_ms
        self._source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=queue_ms)
        self.track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        self.options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False, red=False)

    async def play(self) -> None:
        schedule = Schedule(1000 // self._frame_ms)
        count = SAMPLE_RATE * self._frame_ms // 1000
        number = schedule.next_number()
        while True:
            await schedule.wait(number)
            samples = self._tone.samples(number * count, count)
            await self._source.capture_frame(rtc.AudioFrame(samples.tobytes(), SAMPLE_RATE, 1, count))
            number += 1

    async def close(self) -> None:
        await self._source.aclose()


Source = Camera | EncodedCamera | Microphone


class Publisher:
    """One connection to a room. All methods belong to the loop it was made in."""

    def __init__(self, index: int, media: Media) -> None:
        self._index, self._media = index, media
        self._room = rtc.Room()
        self._live: dict[str, tuple[Source, asyncio.Task[None]]] = {}

    async def join(self, url: str, token: str) -> None:
        """Connect and publish what `Media` says; raises rtc.ConnectError or rtc.PublishTrackError."""
        await self._room.connect(url, token, rtc.RoomOptions(auto_subscribe=False))
        if self._media.camera:
            await self.publish("camera")
        if self._media.microphone:
            await self.publish("microphone")

    async def publish(self, kind: Literal["camera", "microphone"]) -> None:
        made = self._make(kind)
        await self._room.local_participant.publish_track(made.track, made.options)
        self._live[kind] = made, asyncio.create_task(made.play())

    def _make(self, kind: Literal["camera", "microphone"]) -> Source:
        if kind == "microphone":
            return Microphone(self._index, self._media)
        if self._media.encoded:
            return EncodedCamera(self._index, self._media)
        return Camera(self._index, self._media)

    async def unpublish(self, kind: Literal["camera", "microphone"]) -> None:
        made, task = self._live.pop(kind)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await self._room.local_participant.unpublish_track(made.track.sid)
        await made.close()

    async def mute(self, kind: Literal["camera", "microphone"], muted: bool) -> None:
        track = self._live[kind][0].track
        if muted:
            track.mute()
        else:
            track.unmute()

    @property
    def frames_sent(self) -> int:
        camera = self._live.get("camera")
        return camera[0].frames_sent if camera and not isinstance(camera[0], Microphone) else 0

    @property
    def identity(self) -> str:
        return self._room.local_participant.identity

    @property
    def is_connected(self) -> bool:
        return bool(self._room.isconnected())

    async def leave(self) -> None:
        for made, task in self._live.values():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await made.close()
        self._live.clear()
        await self._room.disconnect()
