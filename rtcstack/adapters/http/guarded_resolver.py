"""The address guard for asynchronous calls: what it refuses is neither resolved nor connected to.

IP literals never come to the resolver, so the socket is guarded as well, on the very address that is connected to.
"""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType

from rtcstack.adapters.http.guard import AddressGuard, AddressRefused

_THREADS = 16
"""Look-ups of their own: names that nobody answers for keep no other work of the process waiting."""


class GuardedResolver(AbstractResolver):
    """Resolve as usual, then drop what the guard refuses."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises `AddressRefused` if everything that the name leads to is refused, `OSError` if it leads nowhere."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port, family)
        allowed = [result for result in found if self._guard.allows(result["host"])]
        if not allowed:
            raise AddressRefused(f"{host} leads to a network that this server does not connect to.")
        return allowed

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def guarded_sockets(guard: AddressGuard) -> Callable[[AddrInfoType], socket.socket]:
    """Return a socket factory that raises `AddressRefused` for an address that the guard refuses."""

    def make(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        guard.check(str(address[0]))
        return socket.socket(family, kind, protocol)

    return make


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]),
            port=int(address[1]),
            family=each_family,
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for each_family, _, protocol, _, address in found
    ]
