"""Staying in the room: the first join, joining again after a loss, and what the end of a connection means."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from livekit import rtc

from rtcstack.egress.job import EndReason, LayoutChanged, RecordingJob, RoomChanged
from rtcstack.egress.recorder import source_watch
from rtcstack.egress.recorder.director import Director
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.layout import within
from rtcstack.egress.recorder.lip_sync import LipSync
from rtcstack.egress.recorder.outages import Outages
from rtcstack.egress.recorder.room import JOIN_TIMEOUT_S, RoomSession
from rtcstack.egress.recorder.stage import Stage
from rtcstack.egress.recorder.steadily import steadily, told_of
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


class RoomVanished(Exception):
    """The room that was joined is another one of the same name: ours was gone, and joining made this one."""


async def _ask_again(session: RoomSession) -> None:
    async def look() -> None:
        session.ask_again()

    await steadily("ask_again", lambda: _ASK_AGAIN_S, look)


class Connection:
    """Keeps one session in the room; `on_end` is told why when there will be no other.

    `tell` gets what a later recorder of the same egress has to know.
    """

    def __init__(
        self,
        job: RecordingJob,
        hub: Hub,
        stage: Stage,
        tell: Callable[[LayoutChanged | RoomChanged], None],
        on_end: Callable[[EndReason], None],
    ) -> None:
        self.job = job
        """What is recorded; of a single track it is known after joining whether it is a picture, and how large."""
        self._hub, self._stage, self._tell, self._on_end = hub, stage, tell, on_end
        self.outages = Outages(hub)
        self._director = Director(job, lambda layout: tell(LayoutChanged(layout)))
        self._lip_sync = LipSync(hub.sounds.note)
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: RoomSession | None = None
        self._is_watching = False
        self._room_id, self._looked_at_id = job.room_id, ""

    async def join_first(self) -> None:
        """Join and wait for what is to be recorded.

        Raises:
            rtc.ConnectError, TimeoutError: as `join`.
            RoomVanished: ours is gone.
            SourceMissing: what is to be recorded does not come.
        """
        await self.join()
        await self._check_room()
        if not self.job.source.is_room:
            await source_watch.wait_for(self.job.source, self._has_source, self._has_picture)
            self._fit()
        self._is_watching = True
        self._keep(self._watch())

    def _fit(self) -> None:
        """Record a single track as what it is; a later part as what the part before it was."""
        if not self.job.source.track_id or self._session is None or self.job.is_fitted:
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

    def _has_source(self) -> bool:
        return self._session is not None and self._session.is_source_present()

    def _has_picture(self) -> bool:
        return all(tile.video and tile.video.has_any for tile in self._stage.scene.tiles if tile.has_camera)

    async def _watch(self) -> None:
        await source_watch.until_gone(self._is_there)
        self._on_end("source_gone" if self._looked_at_id == self._room_id else "room_closed")

    async def _is_there(self) -> bool | None:
        """Whether there is something to record; None while that cannot be told, or where what is missing may be on its way.

        That is so during an outage, and in another room than before: a LiveKit that was started anew may have made it for
        people who come back, or joining has, as ours was closed meanwhile.
        """
        session = self._session
        if session is None or self.outages.is_running:
            return None
        if (sid := await session.sid()) != self._looked_at_id:
            self._looked_at_id = sid
            return None
        if sid != self._room_id and session.has_people():
            log.info("going on in another room", before=self._room_id, now=sid)
            self._room_id = sid
            self._tell(RoomChanged(sid))
        return sid == self._room_id and session.is_source_present()

    async def _check_room(self) -> None:
        """Joining makes a room that has just been deleted anew.

        Raises:
            RoomVanished: so it was.
        """
        if self._session is None:
            return
        async with asyncio.timeout(JOIN_TIMEOUT_S):
            sid = await self._session.sid()
        if self.job.room_id and sid != self.job.room_id:
            log.info("the room was gone", wanted=self.job.room_id, joined=sid)
            raise RoomVanished
        self._room_id = self._looked_at_id = sid

    async def join(self) -> None:
        """Connect with a token of its own.

        Raises:
            rtc.ConnectError, TimeoutError: as `RoomSession.join`.
        """
        session = RoomSession(self.job, self._hub, self._director, self._stage, self._lost, self.outages)
        await session.join()
        self.outages.end()
        self._session = session
        self._keep(self._lip_sync.run(session))
        self._keep(_ask_again(session))
        if self._is_watching:
            self._keep(self._watch())

    async def leave(self) -> None:
        self._cancel()
        if self._session is not None:
            session, self._session = self._session, None
            await session.leave()

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(told_of)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _lost(self, reason: rtc.DisconnectReason.ValueType) -> None:
        if self._session is None:  # leaving
            return
        if reason not in _FINAL:
            self.outages.begin()
        self._session.release()
        self._session, self._looked_at_id = None, ""
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
            except TimeoutError:
                log.warning("rejoin_timed_out")
                break
            except rtc.ConnectError as e:
                log.warning("rejoin_failed", error=e.message)
            except Exception:
                # Whatever it is: nobody else would notice that nothing is recorded any more.
                log.exception("rejoin_failed")
            else:
                log.info("rejoined")
                return
        self._on_end("connection_lost")
