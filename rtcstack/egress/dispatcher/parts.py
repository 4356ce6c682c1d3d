"""The recorders of one egress, one after the other: when one dies, the next goes on in a new part."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from rtcstack import log
from rtcstack.egress.dispatcher.comeback import Comeback, boot_id
from rtcstack.egress.dispatcher.course import Fitted, LayoutNow, PartBegun, PartLost, RoomNow
from rtcstack.egress.dispatcher.deaths import Deaths
from rtcstack.egress.dispatcher.journal import Journal
from rtcstack.egress.dispatcher.limits import within
from rtcstack.egress.dispatcher.load import RecorderLoad
from rtcstack.egress.dispatcher.take import Take
from rtcstack.egress.dispatcher.tools import Tools, job_for
from rtcstack.egress.dispatcher.vanished import VanishedRoom
from rtcstack.egress.job import (
    Ended,
    EndReason,
    FromRecorder,
    Joined,
    Lacks,
    LayoutChanged,
    Progress,
    Reduced,
    RoomChanged,
    Started,
)
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.errors import PartUnavailable

_logger = log.get(__name__)
_ORPHAN_PATIENCE_S: Final = 30.0
"""How long a recorder that lost its dispatcher may go on writing its file before it is killed."""
_PAUSE_S: Final = 1.0
_DEATHS: Final[frozenset[EndReason]] = frozenset({"stopped", "control_lost", "connection_lost", "error"})
"""Ends that nobody asked for: a panic of the native library, a dispatcher or an encoder that failed, no way to LiveKit."""

OnFirstFrame = Callable[[int], Awaitable[None]]
"""Gets the wall time of the recording's first moment."""


class Parts:
    """Either `begin`, `follow` for a new egress, or `follow` alone for one found in the spool; the rest at any time."""

    def __init__(self, order: Order, folder: SpoolFolder, tools: Tools, journal: Journal) -> None:
        self._order, self._folder, self._journal = order, folder, journal
        self._job, self._nursery = job_for(order, folder, tools), tools.nursery
        self._comeback = Comeback(tools.livekit, tools.io, tools.resume_within_s)
        self._vanished, self._deaths = VanishedRoom(tools.livekit, order, journal.facts.course), Deaths()
        self.load = RecorderLoad(order.encoding.framerate)
        self._take: Take | None = None
        self._stop = asyncio.Event()

    @property
    def is_begun(self) -> bool:
        return self._take is not None

    @property
    def reduced(self) -> Reduced | None:
        """What of the last part has fewer pictures, as far as its recorder has said so."""
        return self._take.reduced if self._take else None

    @property
    def lacks(self) -> Lacks | None:
        """What else the last part lacks, likewise."""
        return self._take.lacks if self._take else None

    async def begin(self) -> None:
        """Have the first recorder started.

        Raises:
            PartUnavailable: when there is nobody to start it.
        """
        await self._journal.append(PartBegun(boot_id()))
        self._take = take = self._next()
        await take.start()

    async def stop(self) -> None:
        """Let the recorder finish the file and end, and no other one follow."""
        self._stop.set()
        if self._take is not None:
            await self._take.stop()

    async def apply_pause(self) -> None:
        """Tell the recorder whether the recording is paused, by the journal."""
        if self._take is not None:
            await self._take.set_paused(is_paused=self._journal.facts.course.is_paused)

    async def follow(self, on_first_frame: OnFirstFrame) -> Ended | None:
        """Return the last recorder's last word once nobody writes to the folder any more; None when it went without one.

        Of one that died another one takes the place, unless the egress was stopped or they die again and again.
        """
        ended: Ended | None = None
        if self._take is None:
            if not await self._take_up():
                return Ended("control_lost", 0)
            await self._begin_next()
        while self._take is not None:
            ended = await self._take.follow(lambda message: self._hear(message, on_first_frame))
            if not await self._goes_on(ended, self._take):
                break
            await self._begin_next()
        if ended is not None:
            return await self._vanished.settle(ended, has_begun=self._has_begun)
        return ended

    @property
    def _has_begun(self) -> bool:
        return self._journal.facts.first_frame is not None

    async def _take_up(self) -> bool:
        """Return whether the recording goes on that an earlier worker left; nobody writes to its folder then."""
        await self._folder.wait_for_recorder(_ORPHAN_PATIENCE_S)
        if not await self._comeback.is_due(self._order, self._folder, self._journal.facts, self._sleep):
            return False
        _logger.info("going on with a recording", egress_id=self._order.egress_id)
        await self._journal.append(PartLost(time.time_ns(), "control_lost"))
        return not self._stop.is_set()

    async def _goes_on(self, ended: Ended | None, take: Take) -> bool:
        reason = ended.reason if ended else None
        is_later = bool(self._journal.facts.course.parts_lost)
        is_death = ended is None or reason in _DEATHS or (reason == "join_failed" and is_later)
        if self._stop.is_set() or not is_death:
            return False
        self._deaths.add(time.monotonic(), take.lived_s)
        self.load.tally.died += 1
        _logger.error(
            "a recorder died", egress_id=self._order.egress_id, recorded_ms=take.recorded_ms, reason=reason
        )
        if self._deaths.are_too_many or (reason == "connection_lost" and not await self._is_still_wanted()):
            return False
        if self._has_begun or reason != "connection_lost":
            await self._journal.append(PartLost(time.time_ns(), reason, take.reduced, take.lacks))
        return reason != "join_failed" or await self._sleep(_PAUSE_S)

    async def _is_still_wanted(self) -> bool:
        """Whether there is something to go on with for one that was cut off; LiveKit is waited for."""
        if not self._has_begun:
            return not await self._vanished.is_gone()
        facts = self._journal.facts
        return await self._comeback.is_due(self._order, self._folder, facts, self._sleep)

    async def _begin_next(self) -> None:
        """Start the next recorder; without a zygote to do it, wait for one."""
        await self._journal.append(PartBegun(boot_id()))
        self._take = None
        while not self._stop.is_set():
            self._folder.forget_recorder()
            take = self._next()
            try:
                await take.start()
            except PartUnavailable as e:
                _logger.warning("no recorder yet", egress_id=self._order.egress_id, error=e.message)
                await self._sleep(_PAUSE_S)
                continue
            self._take = take
            await self.apply_pause()  # what was asked while nobody was there to hear it
            if self._stop.is_set():
                await take.stop()
            return

    def _next(self) -> Take:
        course = self._journal.facts.course
        fitted = course.fitted or self._job
        job = msgspec.structs.replace(
            self._job,
            room_id=course.room_id or self._job.room_id,
            part=self._folder.next_part(),
            layout=course.layout or self._job.layout,
            is_paused=course.is_paused,
            encoding=fitted.encoding,
            has_audio=fitted.has_audio,
            has_video=fitted.has_video,
            is_fitted=course.fitted is not None,
        )
        return Take(within(job, self._folder.begun_parts(), course.pauses), self._folder, self._nursery)

    async def _hear(self, message: FromRecorder, on_first_frame: OnFirstFrame) -> None:
        match message:
            case Joined() if self._journal.facts.course.fitted is None:
                await self._journal.append(Fitted(message.encoding, message.has_audio, message.has_video))
            case LayoutChanged():
                await self._journal.append(LayoutNow(message.layout))
            case RoomChanged():
                await self._journal.append(RoomNow(message.room_id))
            case Started() if self._journal.facts.first_frame is None:
                await on_first_frame(message.wall_ns)
            case Progress():
                self.load.note(message, time.monotonic())

    async def _sleep(self, seconds: float) -> bool:
        """Return False at once when the egress is to be stopped."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return True
        return False
