"""One recording, from joining the room to the closed file: the life of a recorder process."""

import asyncio
import contextlib
import os
import signal
import socket
import threading

import msgspec

from rtcstack.background import step_forward
from rtcstack.egress.job import (
    Ended,
    EndReason,
    Joined,
    Lacks,
    Pause,
    RecordingJob,
    Resume,
    Span,
    Started,
    Stop,
)
from rtcstack.egress.recorder.connection import Connection, RoomVanished
from rtcstack.egress.recorder.control import Control
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.room import JOIN_TIMEOUT_S
from rtcstack.egress.recorder.source_watch import SourceMissing
from rtcstack.egress.recorder.stage import Stage
from rtcstack.egress.recorder.take import Take
from rtcstack.egress.recorder.writer import is_full
from rtcstack.log import get

log = get(__name__)

_PROGRESS_INTERVAL_S = 1.0
_LEAVE_TIMEOUT_S = 3.0
_LAST_S = 6.0
_BY_ROOM: frozenset[EndReason] = frozenset({"room_closed", "removed"})
"""Ends that are no failure, however early."""


class Ending:
    """Why the recording ends: the first reason given counts."""

    def __init__(self) -> None:
        self._reason: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()

    def because(self, reason: EndReason) -> None:
        if not self._reason.done():
            self._reason.set_result(reason)

    async def wait(self) -> EndReason:
        return await asyncio.shield(self._reason)


def _not_joined(failure: BaseException) -> Ended:
    match failure:
        case SourceMissing():
            return Ended("source_missing", 0, error=failure.message)
        case RoomVanished():
            return Ended("room_closed", 0)
        case TimeoutError():
            told = f"cannot join: there was no connection to LiveKit within {JOIN_TIMEOUT_S:.0f} s"
            return Ended("connection_lost", 0, error=told)
        case _:
            return Ended("join_failed", 0, error=f"cannot join: {getattr(failure, 'message', failure)}")


class Recorder:
    def __init__(self, job: RecordingJob, control: Control, ending: Ending) -> None:
        self._control, self._ending = control, ending
        self._loop = asyncio.get_running_loop()
        self._hub = Hub(self._loop)
        self._stage = Stage()
        self._connection = Connection(job, self._hub, self._stage, control.send, ending.because)
        self._take: Take | None = None
        self._is_paused = job.is_paused

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
            reason = ended.result()
            return Ended(reason, 0, error=None if reason in _BY_ROOM else "ended before the room was joined")
        ended.cancel()
        failure = joining.exception()
        return None if failure is None else _not_joined(failure)

    async def _record(self, job: RecordingJob) -> int:
        try:
            take = self._take = Take(job, self._stage, self._started, self._fail)
        except OSError as e:
            self._control.send(Ended("disk_full" if is_full(e) else "error", 0, error=f"cannot write: {e}"))
            return 1
        self._connection.outages.count_in(lambda: take.conductor.duration_ms)
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
        self._control.send(take.progress(self._hub.overflowed, self._lacks(take)))
        self._control.send(
            Ended(
                reason,
                take.conductor.duration_ms,
                take.spans,
                error=repr(fault) if lost else None,
                reduced=take.conductor.reduced,
                lacks=self._lacks(take),
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
            self._control.send(take.progress(self._hub.overflowed, self._lacks(take)))

    def _lacks(self, take: Take) -> Lacks | None:
        outages = self._connection.outages
        cut_off_ms, sound_ms = outages.total_ms, take.conductor.missed_sound_ms
        return Lacks(cut_off_ms, outages.first_ns, sound_ms) if cut_off_ms or sound_ms else None

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


def _end_within(seconds: float, status: int) -> None:
    """End this process by then, whatever it is doing: the file is closed and the last word said, and what is left is to leave the room.

    A call into the native library may hang there for ever, and the event loop with it.
    """
    last = threading.Timer(seconds, os._exit, (status,))
    last.daemon = True
    last.start()


async def _main(job: RecordingJob, channel: socket.socket) -> int:
    control, ending = await Control.open(channel), Ending()
    # The native library raises SIGTERM in its own process when it panics: the file is finished there too.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.because, "stopped")
    recorder = Recorder(job, control, ending)
    listening = asyncio.ensure_future(_obey(control, recorder, ending))
    status = 1
    try:
        status = await recorder.run()
        return status
    finally:
        listening.cancel()
        _end_within(_LAST_S, status)
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
