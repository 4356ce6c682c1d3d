"""The Egress workers and the bus that they share with LiveKit."""

from typing import Protocol


class Fleet(Protocol):
    async def ping_bus(self) -> None:
        """Raises `PartUnavailable` (part `redis`) unless Redis answers."""
        ...

    async def ping_workers(self) -> None:
        """Raises `PartUnavailable` (part `egress`) unless an Egress worker answers."""
        ...
