"""The address guard for asynchronous calls: what it refuses is neither resolved nor connected to.

IP literals never come to the resolver, so the socket is guarded as well, on the very address that is connected to.
"""

import socket
from collections.abc import Callable

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType

from rtcstack.adapters.http.guard import AddressGuard, AddressRefused
from rtcstack.adapters.http.look_ups import LookUps


class GuardedResolver(AbstractResolver):
    """Resolve as usual, then drop what the guard refuses."""

    def __init__(self, guard: AddressGuard, look_ups: LookUps) -> None:
        self._guard, self._look_ups = guard, look_ups

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises `AddressRefused` if everything that the name leads to is refused, `OSError` if it leads nowhere or its
        look-up hangs.
        """
        found = await self._look_ups.of(host, family)
        allowed = [
            _result(host, port, each_family, protocol, str(address[0]))
            for each_family, _, protocol, _, address in found
            if self._guard.allows(str(address[0]))
        ]
        if not allowed:
            raise AddressRefused(f"{host} leads to a network that this server does not connect to.")
        return allowed

    async def close(self) -> None:
        pass


def guarded_sockets(guard: AddressGuard) -> Callable[[AddrInfoType], socket.socket]:
    """Return a socket factory that raises `AddressRefused` for an address that the guard refuses."""

    def make(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        guard.check(str(address[0]))
        return socket.socket(family, kind, protocol)

    return make


def _result(host: str, port: int, family: int, protocol: int, address: str) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=protocol,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
