"""The media process: `rtcstack media`, one order on standard input, answers on standard output, then it ends.

It is nice to everything else on the machine and does not outlive whoever started it. What it prints carries no link
and no secret: errors of libraries are told by their kind alone.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from rtcstack.background import step_back
from rtcstack.media.cut import cut
from rtcstack.media.failures import as_answer
from rtcstack.media.fetch import IndexMismatch
from rtcstack.media.opening import Recording, opened
from rtcstack.media.order import (
    Alive,
    Answer,
    CutTask,
    Order,
    PosterTask,
    ProbeTask,
    Progress,
    Result,
    StoryboardTask,
    decode_order,
    encode,
)
from rtcstack.media.poster import make_poster
from rtcstack.media.probe import probe
from rtcstack.media.snapshots import take_snapshots
from rtcstack.media.storyboard import make_storyboard

_PROGRESS_EVERY_S: Final = 0.2
_ALIVE_EVERY_S: Final = 5.0
_speech = threading.Lock()


def main(arguments: Sequence[str]) -> int:
    """Wait for an order and do what it says; 0 also when that failed: the answer tells, and when none comes."""
    del arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle, which ends this one
    step_back()
    line = sys.stdin.buffer.readline()
    if not line:
        return 0
    order = decode_order(line)
    threading.Thread(target=_watch, name="parent", daemon=True).start()
    with _alive():
        answer = _answer(order)
    _say(answer)
    return 0


def _watch() -> None:
    """Die when standard input ends as well: that is the parent's other way to say that nobody waits."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def _alive() -> Iterator[None]:
    """Say every few seconds that this process runs; one that somebody has stopped falls silent, and is ended."""
    ended = threading.Event()

    def speak() -> None:
        while not ended.wait(_ALIVE_EVERY_S):
            _say(Alive())

    speaking = threading.Thread(target=speak, name="alive", daemon=True)
    speaking.start()
    try:
        yield
    finally:
        ended.set()
        speaking.join()


def _answer(order: Order) -> Answer:
    try:
        return _do(order)
    except Exception as e:  # noqa: BLE001 - the parent gets its kind and place
        return as_answer(e)


def _do(order: Order) -> Result:
    try:
        return _with(order)
    except IndexMismatch:
        source = msgspec.structs.replace(order.source, index_url=None)
        return _with(msgspec.structs.replace(order, source=source))


def _with(order: Order) -> Result:
    with opened(order.source) as recording:
        return _run(order, recording)


def _run(order: Order, recording: Recording) -> Result:
    task = order.task
    if isinstance(task, CutTask):
        return cut(recording, task, _reporter())
    if isinstance(task, ProbeTask):
        return probe(recording)
    if isinstance(task, PosterTask):
        return make_poster(recording, task)
    if isinstance(task, StoryboardTask):
        return make_storyboard(recording, task)
    return take_snapshots(recording, task)


def _reporter() -> Callable[[float], None]:
    said_at, best = 0.0, 0.0

    def report(done: float) -> None:
        nonlocal said_at, best
        now = time.monotonic()
        if now - said_at >= _PROGRESS_EVERY_S:
            said_at, best = now, max(best, min(done, 1.0))
            _say(Progress(round(best, 3)))  # the same again while a cut that began anew catches up: it moves

    return report


def _say(answer: Answer) -> None:
    with _speech:
        sys.stdout.buffer.write(encode(answer))
        sys.stdout.buffer.flush()
