"""The data folder's own files, and the lock that keeps it to one appliance."""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path

from rtcstack.appliance.faults import CannotStart

_LOOKED_AT_S = 1.0
"""For so long a holder may turn out to be somebody who only looks."""
_LOOK_AGAIN_S = 0.01


class Taken(CannotStart):
    """Another appliance runs on this data folder."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    path: Path

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def lock(self) -> Path:
        return self.run / "lock"

    @property
    def state(self) -> Path:
        return self.run / "state.json"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def supervisor_log(self) -> Path:
        return self.logs / "supervisor.log"

    def mark(self, name: str) -> Path:
        """Return a file whose existence says that something has been done once and for all."""
        return self.path / "marks" / name

    def make(self) -> None:
        """Make the folders; only the owner gets in."""
        for folder in (self.path, self.run, self.logs, self.path / "marks"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def take_lock(folder: DataFolder) -> int:
    """Return a descriptor that holds the data folder until it, and every copy of it, is closed.

    Raises:
        Taken: somebody else holds it.
    """
    descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _LOOKED_AT_S
    while not _locked(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            os.close(descriptor)
            raise Taken(f"An appliance already runs on {folder.path}, or is still stopping.")
        time.sleep(_LOOK_AGAIN_S)
    return descriptor


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_taken(folder: DataFolder) -> bool:
    """Whether an appliance runs, or is still being stopped, on the folder.

    The look shares the lock for an instant: lookers do not see each other, and `take_lock` outwaits them.
    """
    if not folder.lock.is_file():
        return False
    descriptor = os.open(folder.lock, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return not _locked(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)
