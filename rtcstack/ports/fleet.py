"""The Egress workers and the bus that they share with LiveKit."""

from typing import Protocol


class Fleet(Protocol):
    async def ping_bus(self) -> None:
        """Raises `PartUnavailable` (part `redis`) unless Redis answers."""
        ...

    async def ping_workers(self) -> None:
        """Raises `PartUnavailable` (part `egress`) unless an Egress worker answers."""
        ...

    async def running_egress_ids(self) -> frozenset[str]:
        """Return the ids of the egresses that live workers run, all of them together.

        Raises:
            PartUnavailable: Redis does not answer, or one of the workers that are there does not: then nobody can say.
        """
        ...
