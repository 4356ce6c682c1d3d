"""Once a second: what has been written goes to the disk itself, and the room left on it is looked at."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.log import get

log = get(__name__)

_INTERVAL_S = 1.0


class Durability:
    """A thread of its own: on a slow disk `fdatasync` takes its time, and the writer must not wait for it."""

    def __init__(self, file: Path, on_full: Callable[[], None], reserve_bytes: int = RESERVE_BYTES) -> None:
        self._file = file
        self._on_full = on_full
        self._reserve_bytes = reserve_bytes
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="durability", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Sync a last time, also the folder's entry, and return when that is done."""
        self._stopped.set()
        self._thread.join()
        self._sync(self._file)
        self._sync(self._file.parent)

    def _run(self) -> None:
        self._sync(self._file.parent)
        while not self._stopped.wait(_INTERVAL_S):
            self._sync(self._file)
            if self._free_bytes() < self._reserve_bytes:
                self._on_full()

    def _free_bytes(self) -> int:
        disk = os.statvfs(self._file.parent)
        return disk.f_bavail * disk.f_frsize

    @staticmethod
    def _sync(path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fdatasync(descriptor)
        except OSError as e:
            log.warning("sync_failed", path=str(path), error=str(e))
        finally:
            os.close(descriptor)
