"""One recording, from joining the room to the closed file: the life of a recorder process."""

import asyncio
import contextlib
import signal
import socket

import msgspec

from rtcstack.background import step_forward
from rtcstack.egress.job import (
    Ended,
    EndReason,
    Joined,
    LayoutChanged,
    Pause,
    RecordingJob,
    Resume,
    Span,
    Started,
    Stop,
)
from rtcstack.egress.recorder.connection import Connection
from rtcstack.egress.recorder.control import Control
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.source_watch import SourceMissing
from rtcstack.egress.recorder.stage import Stage
from rtcstack.egress.recorder.take import Take
from rtcstack.egress.recorder.writer import is_full
from rtcstack.log import get

log = get(__name__)

_PROGRESS_INTERVAL_S = 1.0
_LEAVE_TIMEOUT_S = 3.0


class Ending:
    """Why the recording ends: the first reason given counts."""

    def __init__(self) -> None:
        self._reason: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()

    def because(self, reason: EndReason) -> None:
        if not self._reason.done():
            self._reason.set_result(reason)

    async def wait(self) -> EndReason:
        return await asyncio.shield(self._reason)


class Recorder:
    def __init__(self, job: RecordingJob, control: Control, ending: Ending) -> None:
        self._control, self._ending = control, ending
        self._loop = asyncio.get_running_loop()
        self._hub = Hub(self._loop)
        self._stage = Stage()
        self._connection = Connection(job, self._hub, self._stage, ending.because)
        self._take: Take | None = None
        self._is_paused = job.is_paused
        self._layout = job.layout

    def pause(self) -> None:
        self._is_paused = True
        if self._take is not None:
            self._take.pause()

    def resume(self) -> None:
        self._is_paused = False
        if self._take is not None:
            self._take.resume()

    async def run(self) -> int:
        """Record until the ending has a reason; return 0 when there is a valid file."""
        failed = await self._join()
        if failed is not None:
            self._control.send(failed)
            return 1
        job = self._connection.job
        self._control.send(Joined(job.encoding, job.has_audio, job.has_video))
        return await self._record(msgspec.structs.replace(job, is_paused=self._is_paused))

    async def _join(self) -> Ended | None:
        """Join the room unless the end comes first; return what to say when there will be no file."""
        joining = asyncio.ensure_future(self._connection.join_first())
        ended = asyncio.ensure_future(self._ending.wait())
        await asyncio.wait({joining, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not joining.done():
            joining.cancel()
            return Ended(ended.result(), 0, error="ended before the room was joined")
        ended.cancel()
        if (failure := joining.exception()) is None:
            return None
        if isinstance(failure, SourceMissing):
            return Ended("source_missing", 0, error=failure.message)
        return Ended("join_failed", 0, error=f"cannot join: {getattr(failure, 'message', failure)}")

    async def _record(self, job: RecordingJob) -> int:
        try:
            take = self._take = Take(job, self._stage, self._started, self._fail)
        except OSError as e:
            self._control.send(Ended("disk_full" if is_full(e) else "error", 0, error=f"cannot write: {e}"))
            return 1
        take.start()
        reporting = asyncio.ensure_future(self._report(take))
        reason = await self._ending.wait()
        reporting.cancel()
        await asyncio.to_thread(take.finish)
        return self._conclude(take, reason)

    def _conclude(self, take: Take, reason: EndReason) -> int:
        fault = take.writer.fault
        lost = fault is not None and not take.writer.is_disk_full
        if take.writer.is_disk_full:
            reason = "disk_full"  # also when the end had another reason: the file lacks its last moments
        self._control.send(take.progress(self._hub.overflowed))
        self._control.send(
            Ended(
                reason,
                take.conductor.duration_ms,
                take.spans,
                error=repr(fault) if lost else None,
                reduced=take.conductor.reduced,
            )
        )
        log.info("ended", reason=reason, **take.conductor.figures())
        return 1 if lost else 0

    async def leave(self) -> None:
        """Leave the room, but wait for a dead native library no longer than the limit."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_TIMEOUT_S):
                await self._connection.leave()
        self._hub.close_all()

    async def _report(self, take: Take) -> None:
        while True:
            await asyncio.sleep(_PROGRESS_INTERVAL_S)
            self._control.send(take.progress(self._hub.overflowed))
            if self._connection.layout != self._layout:
                self._layout = self._connection.layout
                self._control.send(LayoutChanged(self._layout))

    def _started(self, span: Span) -> None:
        self._loop.call_soon_threadsafe(self._control.send, Started(span.wall_ns))

    def _fail(self, reason: EndReason) -> None:
        self._loop.call_soon_threadsafe(self._ending.because, reason)


async def _obey(control: Control, recorder: Recorder, ending: Ending) -> None:
    async for order in control.orders():
        match order:
            case Stop():
                ending.because("stopped")
            case Pause():
                recorder.pause()
            case Resume():
                recorder.resume()
    ending.because("control_lost")


async def _main(job: RecordingJob, channel: socket.socket) -> int:
    control, ending = await Control.open(channel), Ending()
    # The native library raises SIGTERM in its own process when it panics: the file is finished there too.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.because, "stopped")
    recorder = Recorder(job, control, ending)
    listening = asyncio.ensure_future(_obey(control, recorder, ending))
    try:
        return await recorder.run()
    finally:
        listening.cancel()
        await recorder.leave()
        await control.close()


def run(job: RecordingJob, control: socket.socket) -> int:
    """Record `job` in this process, freshly forked from the zygote; return its exit status.

    It ends on `Stop`, end of file on `control`, SIGTERM, and when the room or LiveKit ends it; the file is closed and
    `Ended` sent every time. Ctrl-C in a terminal reaches the whole group and is left to the dispatcher.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    step_forward()
    return asyncio.run(_main(job, control))
