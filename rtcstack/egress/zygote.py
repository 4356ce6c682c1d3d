"""The process that recorders are forked from: everything imported, no thread, no event loop, no native client.

The first one is itself a fork of the worker, made before that has imported more than both need and read any secret: they
share that memory, and after a crash only one interpreter has to be started.

A fork from here takes milliseconds and shares the libraries' memory. The dispatcher sends one task a datagram over
a socket pair, with the socket that the child is to use (SCM_RIGHTS); the zygote answers with `Exited` for each child
that ended. When the dispatcher goes away the zygote ends; its children have sockets of their own and see to
themselves.
"""

import contextlib
import fcntl
import gc
import importlib
import os
import select
import signal
import socket
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from rtcstack import log
from rtcstack.background import end_with_parent
from rtcstack.egress.job import RecordingJob
from rtcstack.egress.spool import RECORDER_LOCK

DATAGRAM_BYTES = 65536
"""So long a task may be."""
_FIRST_FD, _MOST_FDS = 3, 1024
"""What lies between is closed in a fork of the worker, as for any other child."""
WARM = ("av", "numpy", "livekit.rtc", "rtcstack.egress.recorder.main", "rtcstack.egress.finish")
"""What is imported before anything is forked: all that recorders and finishing need, and nothing else."""


BEGUN = b"\n"
"""A finishing process's first line: it is there."""


class Record(msgspec.Struct, tag="record", tag_field="type", frozen=True):
    """Dispatcher → zygote: fork a recorder; the socket that comes along is its control socket."""

    job: RecordingJob


class Finish(msgspec.Struct, tag="finish", tag_field="type", frozen=True):
    """Dispatcher → zygote: fork a process that makes one file of the parts: it writes `BEGUN` before it touches any, then its answer."""

    egress_id: str
    folder: Path
    parts: tuple[str, ...]
    """Their names in the folder: there may be many."""
    out: Path


class Log(msgspec.Struct, tag="log", tag_field="type", frozen=True):
    """Dispatcher → zygote: log like this from now on."""

    level: str
    style: str


class FinishFailed(msgspec.Struct, tag="failed", tag_field="type", frozen=True):
    error: str
    is_passing: bool
    """There was no room on the disk: a later try may succeed."""


class Exited(msgspec.Struct, frozen=True):
    """Zygote → dispatcher: a child ended; `status` is its exit status, or minus the signal that ended it."""

    egress_id: str
    pid: int
    status: int


def encode(message: Record | Finish | Log) -> bytes:
    return msgspec.json.encode(message, enc_hook=str)  # a path is all that msgspec does not know


def decode(data: bytes) -> Record | Finish | Log:
    return msgspec.json.decode(data, type=Record | Finish | Log, dec_hook=lambda kind, text: kind(text))


def main(arguments: Sequence[str]) -> int:
    """Serve the socket whose file descriptor is the first argument; the others are the log's level and style."""
    descriptor, level, style = arguments
    _configure(Log(level, style))
    return _serve(socket.socket(fileno=int(descriptor)))


class Forked:
    """A zygote that is a fork of this process, which must have no thread and no event loop yet; `link` leads to it."""

    def __init__(self) -> None:
        self.link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        gc.freeze()  # the collector leaves alone what is there by now, so that it stays shared
        self.pid = os.fork()
        if self.pid == 0:
            self.link.detach()
            _be_zygote(theirs)
        theirs.close()
        self.returncode: int | None = None

    def kill(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Return its exit status, or minus the signal that ended it. Only one thread may wait."""
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


def _be_zygote(link: socket.socket) -> NoReturn:
    status = 1
    try:
        os.closerange(_FIRST_FD, link.fileno())
        os.closerange(link.fileno() + 1, _MOST_FDS)
        status = _serve(link)
    except BaseException:  # noqa: BLE001 - the worker's start must not go on in the child, whatever happened
        _print_traceback()
    finally:
        os._exit(status)


def _configure(wanted: Log) -> None:
    log.configure(wanted.level, "console" if wanted.style == "console" else "json", part="recorder")


def _serve(link: socket.socket) -> int:
    os.putenv("OPENBLAS_NUM_THREADS", "1")
    for module in WARM:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    return Zygote(link).serve()


class Zygote:
    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._children: dict[int, str] = {}
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def serve(self) -> int:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the dispatcher's to handle
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        link = self._link.fileno()
        while True:
            ready, _, _ = select.select([link, self._wake_read], [], [])
            if self._wake_read in ready:
                os.read(self._wake_read, DATAGRAM_BYTES)
                self._reap()
            if link in ready and not self._receive():
                return 0

    def _receive(self) -> bool:
        data, fds, _, _ = socket.recv_fds(self._link, DATAGRAM_BYTES, 1)
        if not data:
            return False
        try:
            task = decode(data)
        except msgspec.DecodeError:  # nobody's recording is to suffer for it
            _print_traceback()
            for fd in fds:
                os.close(fd)
            return True
        if isinstance(task, Log):
            _configure(task)
            return True
        with socket.socket(fileno=fds[0]) as control:
            self._fork(task, control)
        return True

    def _fork(self, task: Record | Finish, control: socket.socket) -> None:
        pid = os.fork()
        if pid == 0:
            self._be_child(task, control)
        self._children[pid] = task.job.egress_id if isinstance(task, Record) else task.egress_id

    def _be_child(self, task: Record | Finish, control: socket.socket) -> None:
        """Run the task in the forked process; never returns."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._link.close()
            os.close(self._wake_read)
            os.close(self._wake_write)
            status = _record(task.job, control) if isinstance(task, Record) else _finish(task, control)
        except BaseException:  # noqa: BLE001 - the parent's loop must not go on in the child, whatever happened
            _print_traceback()
        finally:
            os._exit(status)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            egress_id = self._children.pop(pid, "")
            exited = Exited(egress_id, pid, os.waitstatus_to_exitcode(status))
            self._link.send(msgspec.json.encode(exited))


def _record(job: RecordingJob, control: socket.socket) -> int:
    from rtcstack.egress.recorder.main import run  # noqa: PLC0415 - imported long ago by `_serve`

    log.note_process(**{"egress_id": job.egress_id, **job.about})
    lock = os.open(job.folder / RECORDER_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return run(job, control)


def _finish(task: Finish, answer: socket.socket) -> int:
    from rtcstack.egress.finish import finish, is_passing  # noqa: PLC0415 - imported long ago by `_serve`

    end_with_parent()  # the next worker has it done anew, into the same file
    log.note_process(egress_id=task.egress_id)
    parts = tuple(task.folder / name for name in task.parts)
    answer.sendall(BEGUN)  # fails if the dispatcher has given up waiting and had another zygote do it
    try:
        _answer(answer, finish(parts, task.out))
    except Exception as e:  # noqa: BLE001 - the dispatcher gets the text, the log the rest
        _answer(answer, FinishFailed(str(e), is_passing(e, parts, task.out)))
        _print_traceback()
    return 0


def _answer(link: socket.socket, message: msgspec.Struct) -> None:
    link.sendall(msgspec.json.encode(message) + b"\n")


def _print_traceback() -> None:
    """Print what went wrong; the log may lie on the very disk that is full."""
    with contextlib.suppress(OSError):
        traceback.print_exc()
