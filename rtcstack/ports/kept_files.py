"""Finished files that a worker on this machine could not bring to their store, and keeps in its spool."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class KeptFile:
    egress_id: str
    file: Path
    index: Path
    metadata: Mapping[str, str]
    """For the object, its SHA-256 as `rtcstack-sha256` among it."""
    size_bytes: int
    duration_ms: int


class KeptFiles(Protocol):
    """The calls block for a moment. A file is found once its worker has given it up, and not before."""

    def find(self, egress_id: str) -> KeptFile | None: ...

    def is_awaited(self, egress_id: str) -> bool:
        """Whether there is media of that egress here that its worker has yet to finish and upload."""
        ...

    def remove(self, kept: KeptFile) -> None:
        """Remove everything that is kept of that egress."""
        ...
