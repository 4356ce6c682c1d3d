"""People in a room for pictures of it: drawn faces, voices that take turns, and a screen that somebody shares."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Sequence
from typing import Any, Self

import numpy as np
from livekit import rtc
from PIL import Image, ImageDraw, ImageFont

from tests.e2e.browser.faces import HEIGHT, PEOPLE, RATE, WIDTH, frame, frames

_SOUND_HZ = 48_000
_FRAME_MS = 20
_TURN_S = 3
_SLIDE = (1280, 720)
_SLIDE_RATE = 3
_BARS = (("Q1", 0.42), ("Q2", 0.55), ("Q3", 0.71), ("Q4", 0.94))
_POINTS = ("Two regions instead of one", "Every call is recorded", "Clips go out within a minute")


def _voice(pitch_hz: int) -> bytes:
    """Return a second of syllables, as samples of 16 bits."""
    at = np.arange(_SOUND_HZ) / _SOUND_HZ
    tone = sum(np.sin(2 * np.pi * pitch_hz * n * at) / n for n in range(1, 6))
    syllables = np.clip(np.sin(2 * np.pi * 4 * at), 0, 1)
    return bytes((0.12 * 32767 * tone * syllables).astype(np.int16).tobytes())


def slide() -> Image.Image:
    """Return what somebody shows the others."""
    made = Image.new("RGB", _SLIDE, "#fdfcf9")
    pen = ImageDraw.Draw(made)
    title, text = ImageFont.load_default(54), ImageFont.load_default(30)
    pen.rectangle((0, 0, _SLIDE[0], 14), fill="#27407f")
    pen.text((80, 70), "What the second version brings", "#1a1f2b", title)
    for index, words in enumerate(_POINTS):
        top = 220 + 90 * index
        pen.ellipse((84, top + 10, 100, top + 26), fill="#27407f")
        pen.text((124, top), words, "#2b3240", text)
    for index, (quarter, share) in enumerate(_BARS):
        left = 700 + 130 * index
        pen.rounded_rectangle((left, 600 - 380 * share, left + 84, 600), 8, fill="#4f7dc9")
        pen.text((left + 24, 614), quarter, "#2b3240", text)
    return made


class Guest:
    """`async with Guest(url, token, "Ada Lovelace"): …` is in the room, seen and heard, from start to end of the block.

    Of `turns` people who speak in turn it is number `turn`. Without a camera there are only the initials. With `shows_slide` it
    shares a screen as well.
    """

    def __init__(
        self,
        url: str,
        token: str,
        name: str,
        *,
        turn: int = 0,
        turns: int = 1,
        has_camera: bool = True,
        shows_slide: bool = False,
    ) -> None:
        self._url, self._token, self._name = url, token, name
        self._turn, self._turns = turn, turns
        self._has_camera, self._shows_slide = has_camera, shows_slide
        self._room = rtc.Room()
        self._playing: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._room.connect(self._url, self._token, rtc.RoomOptions(auto_subscribe=False))
        if self._has_camera:
            await self._film("camera", rtc.TrackSource.SOURCE_CAMERA, frames(self._name), RATE)
        await self._speak()
        if self._shows_slide:
            await self._film("screen", rtc.TrackSource.SOURCE_SCREENSHARE, [frame(slide())], _SLIDE_RATE)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._playing:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._room.disconnect()

    def _play(self, work: Coroutine[Any, Any, None]) -> None:
        self._playing.append(asyncio.create_task(work))

    async def _film(
        self, name: str, source: "rtc.TrackSource.ValueType", film: Sequence[rtc.VideoFrame], rate: int
    ) -> None:
        is_screen = name == "screen"
        width, height = _SLIDE if is_screen else (WIDTH, HEIGHT)
        made = rtc.VideoSource(width, height, is_screencast=is_screen)
        track = rtc.LocalVideoTrack.create_video_track(name, made)
        encoding = rtc.VideoEncoding(max_framerate=rate, max_bitrate=1_500_000)
        options = rtc.TrackPublishOptions(source=source, simulcast=False, video_encoding=encoding)
        await self._room.local_participant.publish_track(track, options)
        self._play(self._show(made, film, rate))

    async def _show(self, source: rtc.VideoSource, film: Sequence[rtc.VideoFrame], rate: int) -> None:
        number = self._turn * len(film) // max(self._turns, 1)  # they do not move in step
        try:
            while True:
                source.capture_frame(film[number % len(film)])
                number += 1
                await asyncio.sleep(1 / rate)
        finally:
            await source.aclose()

    async def _speak(self) -> None:
        made = rtc.AudioSource(_SOUND_HZ, 1, queue_size_ms=200)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", made)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(track, options)
        self._play(self._talk(made))

    async def _talk(self, source: rtc.AudioSource) -> None:
        count = _SOUND_HZ * _FRAME_MS // 1000
        voice, silence = _voice(110 + 30 * (list(PEOPLE).index(self._name) % 4)), bytes(2 * count)
        number = 0
        try:
            while True:
                speaks = int(time.time() / _TURN_S) % self._turns == self._turn
                start = 2 * count * (number % (1000 // _FRAME_MS))
                samples = voice[start : start + 2 * count] if speaks else silence
                await source.capture_frame(rtc.AudioFrame(samples, _SOUND_HZ, 1, count))
                number += 1
        finally:
            await source.aclose()
