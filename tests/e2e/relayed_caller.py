"""Run in a container of the bundle: one participant that may use TURN only talks to one that is free.

relayed_caller.py URL RELAYED_TOKEN FREE_TOKEN; ends with status 0 once the second has heard the first.
"""

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any

from livekit import rtc

_RATE_HZ = 48000
_FRAME = 480
_HEARD_FRAMES = 50
_WAIT_S = 25


async def _speak(room: rtc.Room) -> None:
    source = rtc.AudioSource(_RATE_HZ, 1)
    await room.local_participant.publish_track(rtc.LocalAudioTrack.create_audio_track("noise", source))
    while True:
        await source.capture_frame(rtc.AudioFrame(os.urandom(2 * _FRAME), _RATE_HZ, 1, _FRAME))


async def _listen(track: rtc.Track) -> None:
    heard = 0
    async for event in rtc.AudioStream(track):
        heard += any(bytes(event.frame.data))
        if heard >= _HEARD_FRAMES:
            return


async def main(url: str, relayed_token: str, free_token: str) -> None:
    relay_only = rtc.RtcConfiguration(ice_transport_type=rtc.IceTransportType.TRANSPORT_RELAY)
    relayed, free = rtc.Room(), rtc.Room()
    tracks: asyncio.Queue[rtc.Track] = asyncio.Queue()
    free.on("track_subscribed", lambda track, *_: tracks.put_nowait(track))
    await free.connect(url, free_token, rtc.RoomOptions())
    await relayed.connect(url, relayed_token, rtc.RoomOptions(rtc_config=relay_only))
    speaking = asyncio.create_task(_speak(relayed))
    await _listen(await tracks.get())
    sys.stdout.write("heard\n")
    sys.stdout.flush()
    speaking.cancel()
    os._exit(0)  # the native library takes its time


async def _in_time(work: Coroutine[Any, Any, None]) -> None:
    async with asyncio.timeout(_WAIT_S):
        await work


if __name__ == "__main__":
    asyncio.run(_in_time(main(*sys.argv[1:])))
