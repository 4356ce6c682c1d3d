"""The address guard for asynchronous calls: what it refuses is not resolved.

IP literals never come here: whoever uses this checks those himself.
"""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from rtcstack.adapters.http.guard import AddressGuard, AddressRefused


class GuardedResolver(AbstractResolver):
    """Resolve as usual, then drop what the guard refuses."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        allowed = [result for result in found if self._guard.allows(result["host"])]
        if not allowed:
            raise AddressRefused(f"{host} leads to a network that this server does not connect to.")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()
