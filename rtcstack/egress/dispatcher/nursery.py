"""The dispatcher's end of the zygote: starts it, starts it again when it dies, and has it fork children.

A child's life is followed on its own socket, so that it does not depend on the zygote's.
"""

import asyncio
import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec

from rtcstack import log
from rtcstack.egress.finished import Finished, JoinDied
from rtcstack.egress.job import FromRecorder, Pause, Progress, RecordingJob, Resume, Stop, ToRecorder
from rtcstack.egress.zygote import (
    BEGUN,
    DATAGRAM_BYTES,
    Exited,
    Finish,
    FinishFailed,
    Forked,
    Log,
    Record,
    encode,
)
from rtcstack.errors import Internal, PartUnavailable
from rtcstack.spawn import spawn_argv

_logger = log.get(__name__)
_LONGEST_LINE_BYTES: Final = 1 << 24
"""The last word of a recording that was paused thousands of times tells of each pause."""
_SILENCE_S: Final = 30.0
_BIRTH_S: Final = 60.0
"""How long the first report may take: joining, and half a minute of waiting for what is to be recorded."""
_SHORT_LIFE_S: Final = 5.0
_PAUSE_S: Final = 1.0
_from_recorder = msgspec.json.Decoder(FromRecorder)


class RecorderLink:
    """The control socket of one recorder."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, birth_s: float = _BIRTH_S
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._patience_s = birth_s
        self.is_silent = False
        """Whether nothing was heard for too long."""

    async def messages(self) -> AsyncIterator[FromRecorder]:
        """Yield what the recorder says until it is gone, or silent for long although it reports every second."""
        with contextlib.suppress(ConnectionError):
            while line := await self._line():
                with contextlib.suppress(msgspec.DecodeError):  # torn by the recorder's death
                    message = _from_recorder.decode(line)
                    if isinstance(message, Progress):
                        self._patience_s = _SILENCE_S
                    yield message

    async def _line(self) -> bytes:
        """Return nothing when there is nothing more to come."""
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._reader.readline()
        except TimeoutError:
            self.is_silent = True
            return b""

    async def stop(self) -> None:
        """Ask the recorder to finish the file and end."""
        await self._order(Stop())

    async def pause(self) -> None:
        """Ask the recorder to leave out everything from now on."""
        await self._order(Pause())

    async def resume(self) -> None:
        """Ask the recorder to go on after a pause."""
        await self._order(Resume())

    async def _order(self, order: ToRecorder) -> None:
        with contextlib.suppress(ConnectionError):
            self._writer.write(msgspec.json.encode(order) + b"\n")
            await self._writer.drain()

    def hang_up(self) -> None:
        """Close the connection, which a living recorder takes as the order to finish and end."""
        self._writer.close()

    async def close(self) -> None:
        self.hang_up()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class Nursery:
    """The children log with that level and style; `birth_s` is how long their first word may take.

    `first` is a zygote that is there already.
    """

    def __init__(
        self, level: str, style: str, first: Forked | None = None, *, birth_s: float = _BIRTH_S
    ) -> None:
        self._log_arguments = (level, style)
        self._birth_s = birth_s
        self._link: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | Forked | None = first
        self._born_s = time.monotonic()
        self._restart: asyncio.TimerHandle | None = None
        if first is not None:
            self._link = first.link
            self._link.setblocking(False)
            with contextlib.suppress(OSError):  # it is dead already: `start` will notice
                self._link.send(encode(Log(level, style)))

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            argv = spawn_argv("zygote", str(theirs.fileno()), *self._log_arguments)
            try:
                self._process = subprocess.Popen(argv, pass_fds=[theirs.fileno()])  # noqa: S603 - our own command
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        self._link, self._born_s = ours, time.monotonic()

    def start(self) -> None:
        """Listen to the zygote, a new one unless it is there; requests may follow at once, it answers when it is warm."""
        self._restart = None
        if self._link is None:
            try:
                self._spawn()
            except OSError as e:  # no memory, or no process more
                _logger.warning("the zygote cannot be started", error=str(e), again_in_s=_PAUSE_S)
                self._restart = asyncio.get_running_loop().call_later(_PAUSE_S, self.start)
                return
        assert self._link is not None
        asyncio.get_running_loop().add_reader(self._link, self._on_link)

    def close(self) -> None:
        """Let the zygote end; its children go on."""
        if self._restart:
            self._restart.cancel()
        self._hang_up()

    def replace(self) -> None:
        """Start another zygote instead of one that does not answer, unless that was just done; recorders go on."""
        if self._link is not None and time.monotonic() - self._born_s >= _SHORT_LIFE_S:
            _logger.error("the zygote hangs")
            self._hang_up()
            self.start()

    async def record(self, job: RecordingJob) -> RecorderLink:
        """Have a recorder forked for the job.

        Raises:
            PartUnavailable: when there is no zygote to do it just now.
        """
        return RecorderLink(*await self._fork(Record(job)), self._birth_s)

    async def finish(self, egress_id: str, parts: tuple[Path, ...], out: Path) -> Finished | FinishFailed:
        """Have one file made of the parts in a process of its own; return its answer.

        Raises:
            PartUnavailable: when there is no zygote to do it just now, or one that hangs: another one takes its place.
            JoinDied: when the process died.
            Internal: when there are thousands of parts.
        """
        task = Finish(egress_id, out.parent, tuple(part.name for part in parts), out)
        reader, writer = await self._fork(task)
        try:
            await self._begun(reader)
            answer = await reader.readline()
        finally:
            writer.close()
        if not answer.endswith(b"\n"):
            raise JoinDied("the process that joins a recording's parts died", part="egress")
        try:
            return msgspec.json.decode(answer, type=Finished)
        except msgspec.ValidationError:
            return msgspec.json.decode(answer, type=FinishFailed)

    async def _begun(self, reader: asyncio.StreamReader) -> None:
        """Return when the process is there; how long its work takes after that is a matter of the disk."""
        try:
            async with asyncio.timeout(self._birth_s):
                is_there = await reader.readline() == BEGUN
        except TimeoutError:
            self.replace()
            is_there = False
        if not is_there:
            raise PartUnavailable("the process that joins a recording's parts does not begin", part="egress")

    async def _fork(self, task: Record | Finish) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._link is None:
            raise PartUnavailable("the process that starts recorders is not there", part="egress")
        if len(data := encode(task)) > DATAGRAM_BYTES:
            raise Internal("too much for the process that starts recorders")
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._link, [data], [theirs.fileno()])
            except OSError as e:
                ours.close()
                raise PartUnavailable(
                    f"the process that starts recorders takes no task: {e}", part="egress"
                ) from e
        return await asyncio.open_connection(sock=ours, limit=_LONGEST_LINE_BYTES)

    def _on_link(self) -> None:
        assert self._link is not None
        try:
            data = self._link.recv(DATAGRAM_BYTES)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if data:
            exited = msgspec.json.decode(data, type=Exited)
            _logger.info("child ended", egress_id=exited.egress_id, pid=exited.pid, status=exited.status)
        else:
            self._on_death()

    def _on_death(self) -> None:
        """Start another one: at once, or after a pause if this one died young."""
        self._hang_up()
        is_young = time.monotonic() - self._born_s < _SHORT_LIFE_S
        _logger.error("the zygote died", again_in_s=_PAUSE_S if is_young else 0)
        self._restart = asyncio.get_running_loop().call_later(_PAUSE_S if is_young else 0, self.start)

    def _hang_up(self) -> None:
        if self._link is not None and self._process is not None:
            asyncio.get_running_loop().remove_reader(self._link)
            self._link.close()
            self._link = None
            self._process.kill()  # it may hang, and holds nothing; its children see to themselves
            # One that hangs on a disk ends when the disk lets go of it; nothing waits for that.
            threading.Thread(target=self._process.wait, name="reap-zygote", daemon=True).start()
