"""A tiny participant in a process of its own: a picture and a tone, steered by one JSON object a line on stdin.

    python publisher.py ws://… TOKEN '{"colour": [235, 128, 128], "tone_hz": 440}'

Commands: {"do": "mute_video" | "unmute_video" | "mute_audio" | "unmute_audio" | "unpublish" | "publish" | "leave"} and
{"do": "change", "to": {"width": 320, …}}; each is answered with a line "ok {tracks}".
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, replace

import numpy as np
from livekit import rtc

RATE_HZ = 48_000
CHUNK = RATE_HZ // 100


@dataclass
class Part:
    colour: tuple[int, int, int] = (120, 128, 128)
    """Y, U, V."""
    upper: tuple[int, int, int] | None = None
    """The colour of the upper half, if it is another one: of what is sent, before a receiver turns it."""
    tone_hz: float = 0.0
    flashes: bool = False
    """White and a beep for the first tenth of every second, black and silence otherwise."""
    moves: bool = False
    stands: bool = False
    """One picture is sent after each change, and no more: so it may be of a screen."""
    has_video: bool = True
    has_audio: bool = True
    width: int = 640
    height: int = 360
    rotation: int = 0
    fps: int = 15
    screen: bool = False
    """Picture and sound are those of a shared screen."""
    simulcast: bool = False
    amplitude: float = 0.2
    dtx: bool = False
    """Hardly anything is sent while it is silent."""


class Publisher:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.room = rtc.Room()
        self.publications: dict[str, rtc.LocalTrackPublication] = {}
        self.noise = np.random.default_rng(1).integers(16, 235, (part.height, 2 * part.width), np.uint8)

    async def join(self, url: str, token: str) -> None:
        await self.room.connect(url, token, rtc.RoomOptions(auto_subscribe=False))
        await self.publish()
        self.start = time.monotonic() + 0.1
        self.tasks = [asyncio.create_task(self.show()), asyncio.create_task(self.sound())]

    async def publish(self) -> None:
        if self.part.has_video:
            self.video = rtc.VideoSource(self.part.width, self.part.height, is_screencast=self.part.screen)
            track = rtc.LocalVideoTrack.create_video_track("video", self.video)
            kind = rtc.TrackSource.SOURCE_SCREENSHARE if self.part.screen else rtc.TrackSource.SOURCE_CAMERA
            options = rtc.TrackPublishOptions(
                source=kind,
                simulcast=self.part.simulcast,
                video_codec=rtc.VideoCodec.VP8,
                video_encoding=rtc.VideoEncoding(max_framerate=30, max_bitrate=1_500_000),
            )
            self.publications["video"] = await self.room.local_participant.publish_track(track, options)
        if self.part.has_audio:
            self.audio = rtc.AudioSource(RATE_HZ, 1, queue_size_ms=0)
            track = rtc.LocalAudioTrack.create_audio_track("audio", self.audio)
            heard = (
                rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO
                if self.part.screen
                else rtc.TrackSource.SOURCE_MICROPHONE
            )
            options = rtc.TrackPublishOptions(source=heard, dtx=self.part.dtx)
            self.publications["audio"] = await self.room.local_participant.publish_track(track, options)

    async def unpublish(self) -> None:
        for publication in self.publications.values():
            await self.room.local_participant.unpublish_track(publication.sid)
        self.publications.clear()

    def picture(self, index: int, at_s: float) -> rtc.VideoFrame:
        part = self.part
        size, chroma = (part.height, part.width), ((part.height + 1) // 2, (part.width + 1) // 2)
        y, u, v = part.colour
        if part.flashes:
            y = 235 if at_s % 1 < 0.099 else 16
        shapes = (size, chroma, chroma)
        planes = [np.full(shape, value, np.uint8) for shape, value in zip(shapes, (y, u, v), strict=True)]
        if part.upper:
            for plane, value in zip(planes, part.upper, strict=True):
                plane[: len(plane) // 2] = value
        if part.moves:
            shift = index * 4 % part.width
            planes[0][60:-60] = self.noise[60:-60, shift : shift + part.width] // 4 + 90
        data = b"".join(plane.tobytes() for plane in planes)
        return rtc.VideoFrame(part.width, part.height, rtc.VideoBufferType.I420, data)

    async def show(self) -> None:
        index, shown = 0, None
        while self.part.has_video:
            at_s = index / self.part.fps
            await asyncio.sleep(max(0, self.start + at_s - time.monotonic()))
            if not self.part.stands or self.part != shown:
                self.video.capture_frame(self.picture(index, at_s), rotation=self.part.rotation)
            shown = replace(self.part)
            index += 1

    async def sound(self) -> None:
        index = 0
        while self.part.has_audio:
            at_s = index * CHUNK / RATE_HZ
            await asyncio.sleep(max(0, self.start + at_s - time.monotonic()))
            phase = (np.arange(CHUNK) + index * CHUNK) / RATE_HZ * 2 * np.pi
            level = self.part.amplitude if not self.part.flashes or at_s % 1 < 0.0999 else 0.0
            wave = (np.sin(phase * self.part.tone_hz) * level * 32767).astype(np.int16)
            await self.audio.capture_frame(rtc.AudioFrame(wave.tobytes(), RATE_HZ, 1, CHUNK))
            index += 1

    async def obey(self, command: dict) -> bool:
        what, _, kind = command["do"].partition("_")
        if what in {"mute", "unmute"}:
            getattr(self.publications[kind].track, what)()
        elif what in {"publish", "unpublish"}:
            await getattr(self, what)()
        elif what == "change":
            for name, value in command["to"].items():
                setattr(self.part, name, value)
        return what != "leave"


def answer(publisher: Publisher) -> None:
    """Say that it is done, and the ids of the tracks that are published now."""
    tracks = {kind: publication.sid for kind, publication in publisher.publications.items()}
    sys.stdout.write(f"ok {json.dumps(tracks)}\n")
    sys.stdout.flush()


async def main(url: str, token: str, part: Part) -> None:
    publisher = Publisher(part)
    await publisher.join(url, token)
    answer(publisher)
    while line := await asyncio.to_thread(sys.stdin.readline):
        go_on = await publisher.obey(json.loads(line))
        answer(publisher)
        if not go_on:
            break
    for task in publisher.tasks:
        task.cancel()
    await publisher.room.disconnect()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Part(**json.loads(sys.argv[3]))))
