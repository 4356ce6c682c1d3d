"""Staying in the room: the first join, joining again after a loss, and what the end of a connection means."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from livekit import rtc

from rtcstack.egress.job import EndReason, RecordingJob
from rtcstack.egress.recorder import source_watch
from rtcstack.egress.recorder.director import Director
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.layout import within
from rtcstack.egress.recorder.lip_sync import LipSync
from rtcstack.egress.recorder.room import RoomSession
from rtcstack.egress.recorder.stage import Stage
from rtcstack.log import get

log = get(__name__)

_REJOIN_DELAYS_S = (0.2, 1, 2, 4, 8, 8, 8)
"""About half a minute of trying after the client library's own reconnecting has given up."""
_ASK_AGAIN_S = 1.0
_FINAL: dict[int, EndReason] = {
    rtc.DisconnectReason.ROOM_DELETED: "room_closed",
    rtc.DisconnectReason.ROOM_CLOSED: "room_closed",
    rtc.DisconnectReason.PARTICIPANT_REMOVED: "removed",
    rtc.DisconnectReason.DUPLICATE_IDENTITY: "removed",
}


async def _watch(session: RoomSession) -> None:
    while True:
        await asyncio.sleep(_ASK_AGAIN_S)
        session.ask_again()


class Connection:
    """Keeps one session in the room; `on_end` is told why when there will be no other."""

    def __init__(
        self, job: RecordingJob, hub: Hub, stage: Stage, on_end: Callable[[EndReason], None]
    ) -> None:
        self.job = job
        """What is recorded; of a single track it is known after joining whether it is a picture, and how large."""
        self._hub, self._stage, self._on_end = hub, stage, on_end
        self._director = Director(job)
        self._lip_sync = LipSync()
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: RoomSession | None = None
        self._watches_source = False

    async def join_first(self) -> None:
        """Join and wait for what is to be recorded.

        Should the room turn out to be another one of the same name, `on_end` is told that ours is closed.

        Raises:
            rtc.ConnectError: as `join`.
            SourceMissing: what is to be recorded does not come.
        """
        await self.join()
        self._keep(self._check_room())
        if self.job.source.is_room:
            return
        await source_watch.wait_for(
            self.job.source, lambda: bool(self._is_source_present()), self._has_picture
        )
        self._fit()
        self._watches_source = True
        self._keep(self._watch_source())

    @property
    def layout(self) -> str:
        return self._director.layout

    def _fit(self) -> None:
        """Record a single track as what it is; a later part as what the part before it was."""
        if not self.job.source.track_id or self._session is None or self.job.part > 1:
            return
        size = self._session.published_size()
        if size is None:
            self.job = msgspec.structs.replace(self.job, has_video=False)
            return
        width, height = within(*size) if all(size) else (self.job.encoding.width, self.job.encoding.height)
        encoding = msgspec.structs.replace(self.job.encoding, width=width, height=height)
        self.job = msgspec.structs.replace(self.job, has_audio=False, encoding=encoding)
        self._director.fit(self.job)
        self._session.ask_again()

    def _is_source_present(self) -> bool | None:
        return None if self._session is None else self._session.is_source_present()

    def _has_picture(self) -> bool:
        return all(tile.video and tile.video.has_any for tile in self._stage.scene.tiles if tile.has_camera)

    async def _watch_source(self) -> None:
        await source_watch.until_gone(self._is_source_present)
        self._on_end("source_gone")

    async def _check_room(self) -> None:
        """Joining makes a room that has just been deleted anew; after an outage a new one is what we want."""
        if self._session is not None and self.job.room_id:
            sid = await self._session.sid()
            if sid != self.job.room_id:
                log.info("the room was gone", wanted=self.job.room_id, joined=sid)
                self._on_end("room_closed")

    async def join(self) -> None:
        """Connect with a token of its own.

        Raises:
            rtc.ConnectError: LiveKit cannot be reached or refuses.
        """
        session = RoomSession(self.job, self._hub, self._director, self._stage, self._lost)
        await session.join()
        self._session = session
        self._keep(self._lip_sync.run(session))
        self._keep(_watch(session))
        if self._watches_source:
            self._keep(self._watch_source())

    async def leave(self) -> None:
        self._cancel()
        if self._session is not None:
            session, self._session = self._session, None
            await session.leave()

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _lost(self, reason: rtc.DisconnectReason.ValueType) -> None:
        if self._session is None:  # leaving
            return
        self._session.release()
        self._session = None
        self._cancel()
        log.info("disconnected", reason=rtc.DisconnectReason.Name(reason))
        if reason in _FINAL:
            self._on_end(_FINAL[reason])
        else:
            self._keep(self._rejoin())

    async def _rejoin(self) -> None:
        for delay_s in _REJOIN_DELAYS_S:
            await asyncio.sleep(delay_s)
            try:
                await self.join()
            except rtc.ConnectError as e:
                log.warning("rejoin_failed", error=e.message)
            except Exception:
                # Whatever it is: nobody else would notice that nothing is recorded any more.
                log.exception("rejoin_failed")
            else:
                log.info("rejoined")
                return
        self._on_end("connection_lost")
