"""The process behind the view into rooms, `rtcstack room-view`: joins hidden like a recorder, and takes one picture."""

import asyncio
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from livekit import rtc

from rtcstack import log
from rtcstack.adapters.moderation import wire
from rtcstack.egress.job import Encoding, RecordingJob
from rtcstack.egress.recorder.compositor import Compositor
from rtcstack.egress.recorder.director import Director
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.room import RoomSession
from rtcstack.egress.recorder.stage import Stage
from rtcstack.media.jpeg import jpeg_of, scaled

_log = log.get(__name__)
_AT_ONCE: Final = 4
_JOIN_S: Final = 6.0
_FIRST_PICTURES_S: Final = 3.0
"""A keyframe comes within half a second of the request; whoever has not sent one by then is shown as a placeholder."""
_POLL_S: Final = 0.05
_LEAVE_S: Final = 2.0


def main(arguments: Sequence[str]) -> int:
    """Send a `Picture` for each room of the order that has something to see, and end."""
    del arguments
    log.configure("warning", part="room-view")
    logging.getLogger("livekit").setLevel(logging.ERROR)  # it warns of each picture that nobody fetched
    body = wire.receive(sys.stdin.buffer)
    if body is None:
        return 0
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    # The native library raises SIGTERM in its own process when it panics; its default ends this one.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    visits = asyncio.run(_look_into_all(msgspec.msgpack.decode(body, type=wire.ViewOrder)))
    # Not the usual way out: what is left of closed rooms would be let go of once more, which the client library minds.
    os._exit(0 if visits else 1)


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    wire.end_now()


async def _look_into_all(order: wire.ViewOrder) -> "list[View]":
    """Return the visits that were made, whether or not there was something to see."""
    hub = Hub(
        asyncio.get_running_loop()
    )  # one for all: it gives back the memory of pictures that are not its own
    visits = [View(order, room, hub) for room in order.rooms]
    places = asyncio.Semaphore(_AT_ONCE)

    async def look(room: str, view: View) -> None:
        async with places:
            try:
                await _look_into(room, view)
            except (rtc.ConnectError, TimeoutError) as e:
                _log.warning("a room could not be looked into", room=room, error=str(e) or type(e).__name__)

    await asyncio.gather(*(look(room, view) for room, view in zip(order.rooms, visits, strict=True)))
    hub.close_all()
    return visits


async def _look_into(room: str, view: "View") -> None:
    try:
        async with asyncio.timeout(_JOIN_S):
            await view.join()
        if jpeg := await view.take():
            wire.say(wire.Picture(room, jpeg))
    finally:
        await view.leave()


class View:
    """One visit to one room."""

    def __init__(self, order: wire.ViewOrder, room: str, hub: Hub) -> None:
        job = RecordingJob(
            egress_id=f"moderation-{secrets.token_hex(8)}",
            room_name=room,
            ws_url=order.ws_url,
            api_key=order.api_key,
            api_secret=order.api_secret,
            folder=Path(),
            has_audio=False,
        )
        size: Encoding = job.encoding
        self._compositor = Compositor(size.width, size.height)
        self._stage = Stage()
        self._session = RoomSession(job, hub, Director(job), self._stage, lambda _reason: None)

    async def join(self) -> None:
        """Raises `rtc.ConnectError`."""
        await self._session.join()

    async def take(self) -> bytes | None:
        """Return what is to be seen, or None if nobody shows anything."""
        until = time.monotonic() + _FIRST_PICTURES_S
        while not self._is_complete() and time.monotonic() < until:  # noqa: ASYNC110 - pictures come in another thread
            await asyncio.sleep(_POLL_S)
        frame = self._compositor.compose(self._stage.scene, time.monotonic_ns())
        if self._compositor.first_picture_ns is None:
            return None
        return jpeg_of(scaled(frame, frame.width))

    def _is_complete(self) -> bool:
        """Return whether everybody in the room who publishes pictures is to be seen, and somebody is."""
        self._session.ask_again()
        now_ns = time.monotonic_ns()
        shown = [tile.video.picture_at(now_ns) for tile in self._stage.scene.tiles if tile.video]
        return bool(shown) and all(shown)

    async def leave(self) -> None:
        try:
            async with asyncio.timeout(_LEAVE_S):
                await self._session.leave()
        except TimeoutError:
            _log.warning("leaving a room took too long")
