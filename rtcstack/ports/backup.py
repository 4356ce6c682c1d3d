"""Where backups lie, and how a snapshot of the state is made and looked at."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rtcstack.domain.backup import BackupFacts
from rtcstack.ports.database import Database


class Shelf(Protocol):
    """A folder, or a bucket: `NAME/FILE…` for each backup and, written last, `NAME.json`."""

    def __str__(self) -> str:
        """As a person wrote it."""
        ...

    async def names(self) -> Sequence[str]:
        """Return the backups that are whole, oldest first."""
        ...

    async def unfinished(self) -> Sequence[str]:
        """Return those that never came to their end, or are being made right now."""
        ...

    async def put(self, facts: BackupFacts, folder: Path) -> None:
        """Keep the files of `folder`; until the last byte is safe the backup is not among `names`.

        Raises:
            DiskFull: they cannot be written.
            Conflict: another has begun one of that name.
        """
        ...

    async def facts(self, name: str) -> BackupFacts:
        """Raises `NotFound` or `Invalid`."""
        ...

    async def fetch(self, facts: BackupFacts, folder: Path) -> None:
        """Bring the files into `folder`; they are not held against the facts yet."""
        ...

    async def remove(self, facts: BackupFacts) -> None:
        """Take a backup away; it is not among `names` from the first moment on."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class StateFaults:
    """What is wrong with a snapshot; nothing is."""

    damage: Sequence[str]
    too_new: str | None

    @property
    def all(self) -> list[str]:
        return [*self.damage, *([self.too_new] if self.too_new else [])]


class Snapshots(Protocol):
    async def take(self, target: Path) -> None:
        """Write the state as it is at one instant to a new file, while others go on writing.

        Raises:
            DiskFull: there is no space for it.
        """
        ...

    def opened(self, file: Path) -> AbstractAsyncContextManager[Database]:
        """Open a snapshot to read it."""
        ...

    async def check(self, file: Path) -> StateFaults:
        """Read all of it: its pages, its references, its migrations."""
        ...
