"""Once a second: what has been written goes to the disk itself, and the room left on it is looked at."""

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.log import get

log = get(__name__)

_INTERVAL_S = 1.0


class Durability:
    """A thread of its own: on a slow disk `fdatasync` takes its time, and the writer must not wait for it.

    What fails is logged and tried again a second later: a recording goes on, and comes to its end, without it.
    """

    def __init__(
        self,
        file: Path,
        on_full: Callable[[], None],
        on_size: Callable[[int], None] = lambda _: None,
        *,
        reserve_bytes: int = RESERVE_BYTES,
        written: Callable[[], Iterable[Path]] = tuple,
    ) -> None:
        """`on_size` is told how large the file is; `written` returns what else has been written to since it was asked last."""
        self._file, self._written = file, written
        self._on_full, self._on_size = on_full, on_size
        self._reserve_bytes = reserve_bytes
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="durability", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Sync a last time, also the folder's entry, and return when that is done."""
        self._stopped.set()
        self._thread.join()
        self._sync_all()
        self._sync(self._file.parent)

    def _run(self) -> None:
        self._sync(self._file.parent)
        while not self._stopped.wait(_INTERVAL_S):
            try:
                self._look()
            except OSError as e:
                log.warning("durability_failed", path=str(self._file), error=str(e))

    def _look(self) -> None:
        self._sync_all()
        if self._free_bytes() < self._reserve_bytes:
            self._on_full()
        os.utime(self._file)  # also in a pause: whoever finds the file sees until when somebody was at it
        self._on_size(self._file.stat().st_size)

    def _free_bytes(self) -> int:
        disk = os.statvfs(self._file.parent)
        return disk.f_bavail * disk.f_frsize

    def _sync_all(self) -> None:
        self._sync(self._file)
        for file in self._written():
            self._sync(file)

    @staticmethod
    def _sync(path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return  # stored already
        except OSError as e:
            log.warning("sync_failed", path=str(path), error=str(e))
            return
        try:
            os.fdatasync(descriptor)
        except OSError as e:
            log.warning("sync_failed", path=str(path), error=str(e))
        finally:
            os.close(descriptor)
