"""One recorder from its start to its last word, as the dispatcher sees it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from rtcstack.egress.dispatcher.nursery import Nursery, RecorderLink
from rtcstack.egress.job import Ended, FromRecorder, Joined, Lacks, Progress, RecordingJob, Reduced
from rtcstack.egress.spool import SpoolFolder
from rtcstack.errors import PartUnavailable

_BIRTHS: Final = 3
"""How often a recorder is asked for when none comes to life."""
_PAUSE_S: Final = 1.0
_STOP_PATIENCE_S: Final = 20.0
"""How long a recorder may take to stop before the dispatcher hangs up on it."""
_PATIENCE_S: Final = 10.0
"""How long after the end of its connection a recorder may go on writing its file before it is killed."""

OnMessage = Callable[[FromRecorder], Awaitable[None]]


class Take:
    """Call `start`, then `follow`; `stop` and `set_paused` at any time."""

    def __init__(self, job: RecordingJob, folder: SpoolFolder, nursery: Nursery) -> None:
        self._job = job
        self._folder = folder
        self._nursery = nursery
        self._link: RecorderLink | None = None
        self._is_stopping = False
        self._was_silent = False
        self.recorded_ms = 0
        """How much the recorder has said to be in its file."""
        self.lived_s = 0.0
        """How long after joining the room it was heard of last: about once a second as long as it is well."""
        self.reduced: Reduced | None = None
        """What it has said of pictures left out."""
        self.lacks: Lacks | None = None
        """What it has said of anything else that is missing."""

    async def start(self) -> None:
        """Ask for the recorder.

        Raises:
            PartUnavailable: when there is nobody to start it.
        """
        self._link = await self._nursery.record(self._job)

    async def stop(self) -> None:
        """Ask the recorder to finish the file and end; one that does not is killed in the end."""
        self._is_stopping = True
        if self._link is not None:
            asyncio.get_running_loop().call_later(_STOP_PATIENCE_S, self._link.hang_up)
            await self._link.stop()

    async def set_paused(self, *, is_paused: bool) -> None:
        """Ask the recorder to pause, or to go on; without effect on one that does so already."""
        self._job = msgspec.structs.replace(self._job, is_paused=is_paused)  # of one that is asked for again
        if self._link is not None:
            await (self._link.pause() if is_paused else self._link.resume())

    async def follow(self, on_message: OnMessage) -> Ended | None:
        """Return the recorder's last word once it is gone; None when it went without one.

        `on_message` gets everything that it said before. A recorder that never came to life, since the zygote died
        with the task in its hands or hangs, is asked for again.
        """
        for birth in range(1, _BIRTHS + 1):
            ended = await self._listen(on_message)
            if ended is not None or self._folder.has_recorder_lock or birth == _BIRTHS:
                break
            if self._was_silent:
                self._nursery.replace()
            await asyncio.sleep(_PAUSE_S)
            await self._start_again()
        await self._folder.wait_for_recorder(_PATIENCE_S)
        return ended

    async def _listen(self, on_message: OnMessage) -> Ended | None:
        ended: Ended | None = None
        if self._link is None:
            return None
        joined_s: float | None = None
        async for message in self._link.messages():
            if isinstance(message, Joined):
                joined_s = time.monotonic()
            elif joined_s is not None:
                self.lived_s = time.monotonic() - joined_s
            if isinstance(message, Ended):
                ended, self.recorded_ms, self.reduced = message, message.duration_ms, message.reduced
                self.lacks = message.lacks
                continue
            if isinstance(message, Progress):
                self.recorded_ms, self.reduced, self.lacks = message.pts_ms, message.reduced, message.lacks
            await on_message(message)
        self._was_silent = self._link.is_silent
        await self._link.close()
        self._link = None
        return ended

    async def _start_again(self) -> None:
        asked = self._job
        try:
            await self.start()
        except PartUnavailable:
            return
        if self._job.is_paused != asked.is_paused:  # meanwhile
            await self.set_paused(is_paused=self._job.is_paused)
        if self._is_stopping:
            await self.stop()
