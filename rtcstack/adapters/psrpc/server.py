"""The answering side of psrpc: any number of methods and topics under one server id."""

import asyncio
import uuid

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.endpoint import Endpoint, Method


class Server:
    """Close it with `close`; that leaves the bus open."""

    def __init__(self, bus: Bus, server_id: str | None = None) -> None:
        self.id = server_id or f"SRV_{uuid.uuid4().hex[:16]}"
        self._bus = bus
        self._endpoints: dict[tuple[str, str, str], Endpoint] = {}

    async def register(self, method: Method, topic: str = "") -> None:
        """Serve the method on the topic; Redis has confirmed it when this returns.

        Raises:
            PartUnavailable: when it does not confirm.
        """
        endpoint = Endpoint(self._bus, self.id, method, topic)
        await endpoint.open()
        self._endpoints[method.service, method.name, topic] = endpoint

    async def unregister(self, service: str, name: str, topic: str = "") -> None:
        """Take no more requests; those under way are still answered."""
        if endpoint := self._endpoints.pop((service, name, topic), None):
            await endpoint.close()

    async def close(self) -> None:
        """Take no more requests and wait for the answers under way."""
        endpoints = list(self._endpoints.values())
        self._endpoints.clear()
        await asyncio.gather(*(endpoint.close() for endpoint in endpoints))
        await asyncio.gather(*(endpoint.drain() for endpoint in endpoints))
