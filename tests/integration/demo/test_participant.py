"""Another client subscribes to a participant and looks at what arrives."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from livekit import api, rtc

from rtcstack.demo.hearing import is_heard
from rtcstack.demo.participant import Participant, ParticipantError
from rtcstack.demo.picture import chroma, read_mark
from rtcstack.demo.schedule import Media
from rtcstack.demo.tone import SAMPLE_RATE
from rtcstack.settings import Settings

pytestmark = pytest.mark.alone  # they count pictures of a moment
WITHIN_S = 60
INDEX = 3


def _token(settings: Settings, identity: str, room: str) -> str:
    made = api.AccessToken(
        settings.livekit.api_key.get_secret_value(), settings.livekit.api_secret.get_secret_value()
    )
    return made.with_identity(identity).with_grants(api.VideoGrants(room_join=True, room=room)).to_jwt()


class Viewer:
    """Subscribes to everything in a room."""

    def __init__(self) -> None:
        self.room = rtc.Room()
        self.tracks: asyncio.Queue[rtc.Track] = asyncio.Queue()
        self.gone: asyncio.Queue[str] = asyncio.Queue()
        self.muted: asyncio.Queue[str] = asyncio.Queue()
        self.room.on("track_subscribed", lambda track, *_: self.tracks.put_nowait(track))
        self.room.on("track_unpublished", lambda publication, _: self.gone.put_nowait(publication.name))
        self.room.on("track_muted", lambda _, publication: self.muted.put_nowait(publication.name))

    async def tracks_of(self, count: int) -> dict[str, rtc.Track]:
        async with asyncio.timeout(WITHIN_S):
            found = [await self.tracks.get() for _ in range(count)]
        return {track.name: track for track in found}


@pytest.fixture
async def viewer(
    livekit_server: Any, settings: Settings, request: pytest.FixtureRequest
) -> AsyncIterator[Viewer]:
    del livekit_server  # only has to run
    viewer = Viewer()
    await viewer.room.connect(settings.livekit.ws_url, _token(settings, "viewer", request.node.name))
    yield viewer
    await viewer.room.disconnect()


@pytest.fixture
def participant(settings: Settings, request: pytest.FixtureRequest) -> Any:
    """Return a function that makes the participant of this test's room."""
    token = _token(settings, "sender", request.node.name)
    return lambda media=None: Participant(settings.livekit.ws_url, token, INDEX, media)


async def _pictures(track: rtc.Track, count: int) -> list[tuple[np.ndarray, int, int]]:
    stream = rtc.VideoStream(track, format=rtc.VideoBufferType.I420)
    taken = []
    async with asyncio.timeout(WITHIN_S):
        async for event in stream:
            taken.append((np.frombuffer(event.frame.data, np.uint8), event.frame.width, event.frame.height))
            if len(taken) == count:
                break
    await stream.aclose()
    return taken


async def _sound(track: rtc.Track, seconds: float) -> np.ndarray:
    stream = rtc.AudioStream(track, sample_rate=SAMPLE_RATE, num_channels=1)
    parts: list[np.ndarray] = []
    async with asyncio.timeout(WITHIN_S):
        async for event in stream:
            parts.append(np.frombuffer(event.frame.data, np.int16))
            if sum(map(len, parts)) >= seconds * SAMPLE_RATE:
                break
    await stream.aclose()
    return np.concatenate(parts).astype(np.float32) / 32768


@pytest.mark.parametrize("media", [Media(), Media(encoded=True, audio_frame_ms=50)], ids=["drawn", "encoded"])
async def test_another_client_sees_the_colour_and_the_mark_and_hears_the_tone(
    viewer: Viewer, participant: Any, media: Media
) -> None:
    async with participant(media) as sender:
        assert sender.identity == "sender"
        tracks = await viewer.tracks_of(2)
        pictures = await _pictures(tracks["camera"], 20)
        sound = await _sound(tracks["microphone"], 1.5)
    numbers = []
    for flat, width, height in pictures:
        assert (width, height) == (640, 360)
        u, v = flat[width * height :].reshape(2, -1)
        assert (np.median(u), np.median(v)) == pytest.approx(chroma(INDEX), abs=4)
        mark = read_mark(flat[: width * height].reshape(height, width))
        assert mark is not None
        assert mark.index == INDEX
        numbers.append(mark.number)
    assert len(set(numbers)) > 15
    assert is_heard(sound[-SAMPLE_RATE // 2 :], INDEX)
    assert not is_heard(sound[-SAMPLE_RATE // 2 :], INDEX + 1)


async def test_mute_unpublish_publish_and_leave_reach_the_room(viewer: Viewer, participant: Any) -> None:
    async with participant() as sender:
        await viewer.tracks_of(2)
        await sender.mute("microphone")
        async with asyncio.timeout(WITHIN_S):
            assert await viewer.muted.get() == "microphone"
        await sender.unmute("microphone")
        await sender.unpublish("camera")
        async with asyncio.timeout(WITHIN_S):
            assert await viewer.gone.get() == "camera"
        await sender.publish("camera")
        assert "camera" in await viewer.tracks_of(1)
        await sender.leave()
        async with asyncio.timeout(WITHIN_S):
            while viewer.room.remote_participants:
                await asyncio.sleep(0.05)


async def test_a_busy_caller_does_not_stop_the_picture(viewer: Viewer, participant: Any) -> None:
    async with participant() as sender:
        await viewer.tracks_of(2)
        before = sender.frames_sent
        time.sleep(1)  # noqa: ASYNC251 - that is the caller that blocks its loop
        assert sender.frames_sent - before > 8


async def test_a_refused_token_is_named(livekit_server: Any, settings: Settings) -> None:
    del livekit_server
    with pytest.raises(ParticipantError, match="participant 3 could not join"):
        async with Participant(settings.livekit.ws_url, "no token", INDEX):
            pytest.fail("joined without a token")
