"""The thread that encodes and writes, behind a bounded queue."""

import errno
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import av

from rtcstack.egress.recorder.encoder import Encoder
from rtcstack.egress.recorder.media import Samples
from rtcstack.log import get

log = get(__name__)

_LIMIT = 1500
"""Half a minute of sound, 12 MB: so long a disk may stand still and no sound is lost."""
_BEHIND = 30
"""Some 0.4 s of pictures and sound: from here on no more pictures are queued."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full(fault: Exception) -> bool:
    """Whether there is no room left: disk, quota or the largest file allowed."""
    return isinstance(fault, OSError) and fault.errno in _FULL


@dataclass(frozen=True, slots=True)
class _Picture:
    frame: av.VideoFrame
    tick: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class _Block:
    samples: Samples
    position: int


class Writer:
    """Encodes in order what it is given. After a fault it throws everything away and says so in `fault`."""

    def __init__(self, encoder: Encoder, on_fault: Callable[[], None]) -> None:
        self._encoder = encoder
        self._on_fault = on_fault
        self._queue: queue.Queue[_Picture | _Block | None] = queue.Queue(_LIMIT)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._is_hurrying = False
        self._newest_tick = 0
        self.fault: Exception | None = None
        self.pictures = 0
        """Video ticks written."""

    def start(self) -> None:
        self._thread.start()

    def put_picture(self, frame: av.VideoFrame, tick: int, *, is_key: bool = False) -> None:
        """Queue a frame for its tick; waits while the queue is full, which makes later ticks late."""
        self._newest_tick = tick
        self._queue.put(_Picture(frame, tick, is_key))

    def put_sound(self, samples: Samples, position: int) -> None:
        self._queue.put(_Block(samples, position))

    @property
    def is_behind(self) -> bool:
        """Whether so much is queued that pictures had better be left out."""
        return self._queue.qsize() >= _BEHIND

    def hurry(self) -> None:
        """The end is near: as long as much is queued, leave out pictures that are followed by others."""
        self._is_hurrying = True

    def finish(self) -> None:
        """Write what is queued, close the file, and return when that is done."""
        self._queue.put(None)
        self._thread.join()

    @property
    def is_disk_full(self) -> bool:
        return self.fault is not None and is_full(self.fault)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if self.fault is None:
                self._guard(partial(self._write, item))
        self._guard(self._encoder.close)

    def _guard(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as e:
            # Whatever it is: the recording ends in order, it does not hang.
            if self.fault is None:
                self.fault = e
                log.exception("writing_failed")
                self._on_fault()

    def _write(self, item: _Picture | _Block) -> None:
        match item:
            case _Picture() if self._is_hurrying and self.is_behind and self._is_spare(item):
                pass
            case _Picture():
                if item.is_key:
                    self._encoder.want_keyframe()
                self._encoder.write_picture(item.frame, item.tick)
                self.pictures += 1
            case _Block():
                self._encoder.write_sound(item.samples, item.position)

    def _is_spare(self, picture: _Picture) -> bool:
        return picture.tick < self._newest_tick and not picture.is_key
