"""The Egress workers and the bus that they share with LiveKit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from rtcstack.domain.egress import EgressEnd


@dataclass(frozen=True)
class Running:
    """What live workers run, all of them together. `is_complete` unless one that is connected has not answered: what it
    runs is not known then.
    """

    egress_ids: frozenset[str]
    is_complete: bool = True


class Heard(StrEnum):
    """What became of a request to the worker of one egress."""

    TAKEN = "taken"
    REFUSED = "refused"
    """The egress is ending."""
    BY_NOBODY = "by_nobody"
    """Its worker is gone, or of a kind that has no such request."""


@dataclass(frozen=True)
class WorkerCapacity:
    """What one of our workers can take, as it has measured itself."""

    running: int
    more: int
    """So many more recordings can be begun there, and all get every picture."""
    can_record: bool
    """Also when `more` is 0: with fewer pictures for each."""
    reason: str
    """Why there are no more, in words; empty while there are any."""
    cores: float
    cores_needed: float
    """What the recordings that run need."""
    cores_other: float
    """What everything else takes that runs on the machine."""
    memory_bytes: int
    """What is left."""
    disk_bytes: int
    """What is free where recordings are written."""


@dataclass(frozen=True)
class FleetCapacity:
    workers: tuple[WorkerCapacity, ...]
    others: int = 0
    """Workers that are there and have not said: stock ones, which cannot, and hung ones."""


Figure = float | Mapping[str, float]
"""A value, or several by their label's."""


@dataclass(frozen=True)
class WorkerFigures:
    """What one of our workers tells for `/metrics`; `worker` is its name, the same after a restart."""

    worker: str
    figures: Mapping[str, Figure]
    """By name; the names are those of `rtcstack/metrics/scraped.py` with `egress_` before them."""


@dataclass(frozen=True)
class FleetFigures:
    workers: Sequence[WorkerFigures]
    others: int = 0
    """Workers that are there and have not said."""


class Fleet(Protocol):
    async def ping_bus(self) -> None:
        """Raises `PartUnavailable` (part `redis`) unless Redis answers."""
        ...

    async def ping_workers(self) -> None:
        """Raises `PartUnavailable` (part `egress`) unless an Egress worker answers."""
        ...

    async def running_egresses(self) -> Running:
        """Ask all workers at once. Raises `PartUnavailable` (part `redis`) when they cannot be asked."""
        ...

    async def set_paused(self, egress_id: str, *, is_paused: bool) -> Heard:
        """Have an egress paused, or go on; one that is so already is taken as well.

        Raises:
            PartUnavailable: Redis, or the worker, does not answer.
        """
        ...

    async def capacity(self) -> FleetCapacity:
        """Ask all workers what they can take. Raises `PartUnavailable` (part `redis`) when they cannot be asked."""
        ...

    async def figures(self) -> FleetFigures:
        """Ask all workers for their figures. Raises `PartUnavailable` (part `redis`) when they cannot be asked."""
        ...

    async def note_stop(self, egress_id: str) -> None:
        """Write into LiveKit's books that an egress is to end which no worker has: one that comes back does not go on.

        Raises:
            PartUnavailable: Redis or LiveKit does not answer.
            PartRefused: LiveKit does not take it.
        """
        ...

    async def end_egress(self, egress_id: str, end: EgressEnd) -> bool:
        """Write into LiveKit's books how an egress has ended that no worker has any more, as its worker would have.

        Return whether they showed it as running until now.

        Raises:
            PartUnavailable: Redis or LiveKit does not answer.
            PartRefused: LiveKit does not take it.
        """
        ...
