"""What `rtcstack doctor` asks the foreign systems themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from rtcstack.ports.fleet import FleetCapacity
from rtcstack.ports.storage import Permissions


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """How the database's file is; `faults` are what the database engine itself complains of."""

    size_bytes: int
    faults: tuple[str, ...] = ()
    is_checked_whole: bool = True
    """False when there was not the time to look at all of it."""
    applied: int = 0
    """Migrations that it has."""
    waiting: int = 0
    """Migrations that the next start applies."""
    schema_fault: str = ""
    """Why this version of rtcstack cannot use it."""
    key_fault: str = ""
    """Why secrets in it cannot be opened."""


class Outside(Protocol):
    async def database(self) -> DatabaseState | None:
        """Return how it is; None when there is none yet. Nothing is changed."""
        ...

    async def store_clocks(self) -> Mapping[str, float]:
        """Return how many seconds the clocks of tenants' own stores are ahead of ours, by host; those that do not answer are left out."""
        ...

    async def try_store(self) -> Permissions:
        """Put a small object into the shared bucket, read it and delete it; return what may be done besides putting.

        Raises:
            Invalid: it cannot be put; `details` has `field` and `s3_code` where the store said something.
        """
        ...

    async def capacity(self) -> FleetCapacity:
        """Return what the Egress workers can take; raises `RtcError` when Redis or the workers do not answer."""
        ...
