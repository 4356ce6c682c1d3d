"""Finished files that a worker on this machine could not bring to their store, and keeps in its spool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rtcstack.domain.egress import EgressSnapshot
from rtcstack.errors import Internal


@dataclass(frozen=True)
class KeptFile:
    egress_id: str
    file: Path
    index: Path
    metadata: Mapping[str, str]
    """For the object, its SHA-256 as `rtcstack-sha256` among it."""
    size_bytes: int
    duration_ms: int


@dataclass(frozen=True)
class Held:
    """One egress in the spool. `is_done` if its worker has nothing left to do for it."""

    egress_id: str
    size_bytes: int
    is_done: bool


class NoFile(Internal):
    """No file can be made of what was recorded."""

    code = "egress_failed"


class KeptFiles(Protocol):
    """The calls block for a moment. A file is found once its worker has given it up, and not before."""

    def find(self, egress_id: str) -> KeptFile | None: ...

    def has_parts(self, egress_id: str) -> bool:
        """Whether its worker has given it up with parts: where none is found, `make` may make a file of them."""
        ...

    async def make(self, egress_id: str) -> KeptFile:
        """Make one file of the parts, which takes as long as to copy them.

        Raises:
            DiskFull: there is no room for it.
            PartUnavailable: the process that does it died.
            NoFile: it cannot be made.
        """
        ...

    def is_awaited(self, egress_id: str) -> bool:
        """Whether there is media of that egress here that its worker has yet to finish and upload."""
        ...

    def find_end(self, egress_id: str) -> EgressSnapshot | None:
        """Return how the egress ended, if a worker on this machine has ended it; whether LiveKit knows is not said."""
        ...

    def list_all(self) -> Sequence[Held]:
        """Return what this machine's spool holds, the oldest first."""
        ...

    def remove(self, egress_id: str) -> None:
        """Remove everything that is kept of that egress, unless its worker has still to do with it."""
        ...
