"""The data folder's own files, and the lock that keeps it to one appliance."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from rtcstack.appliance.faults import CannotStart


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
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as e:
        os.close(descriptor)
        raise Taken(f"An appliance already runs on {folder.path}, or is still stopping.") from e
    return descriptor


def is_taken(folder: DataFolder) -> bool:
    """Whether an appliance runs, or is still being stopped, on the folder."""
    if not folder.lock.is_file():
        return False
    try:
        os.close(take_lock(folder))
    except Taken:
        return True
    return False
