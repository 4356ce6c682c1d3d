"""Blocking HTTP connections that the address guard looks at: for S3 clients and for reading presigned links.

The check stands between the look-up and the connection, on the very addresses that are connected to, so that a name
cannot answer twice differently and an IP literal is checked like a name.
"""

import socket
from typing import Any, ClassVar

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, ProtocolError
from urllib3.util.connection import create_connection

from rtcstack.adapters.http.guard import AddressGuard, AddressRefused


def guarded_pool(guard: AddressGuard, *, timeout: urllib3.Timeout, maxsize: int) -> urllib3.PoolManager:
    """Return a pool that tries each request once, follows no redirect and connects only where the guard allows.

    A refused address raises `AddressRefused` from `urlopen` and `request`; everything else is as urllib3 has it.
    """
    return _GuardedPool(guard, timeout, maxsize)


class _GuardedPool(urllib3.PoolManager):
    def __init__(self, guard: AddressGuard, timeout: urllib3.Timeout, maxsize: int) -> None:
        super().__init__(timeout=timeout, maxsize=maxsize, retries=False)
        self.pool_classes_by_scheme = {"http": _http_pool(guard), "https": _https_pool(guard)}

    def urlopen(  # type: ignore[override] # urllib3 types it by overloads; the arguments are only passed on
        self, method: str, url: str, redirect: bool = False, **kw: Any
    ) -> urllib3.BaseHTTPResponse:
        del redirect  # where it leads is not what was asked for
        try:
            return super().urlopen(method, url, redirect=False, **(kw | {"retries": False}))
        except ProtocolError as e:
            refused = next((arg for arg in e.args if isinstance(arg, AddressRefused)), None)
            if refused is None:
                raise
            raise refused from None


class _Guarded(HTTPConnection):
    guard: ClassVar[AddressGuard]

    def _new_conn(self) -> socket.socket:
        host = self._dns_host.strip("[]")
        try:
            return self._connect(_allowed(self.guard, host, self.port))
        except AddressRefused:
            raise
        except socket.gaierror as e:
            raise NameResolutionError(self.host, self, e) from e
        except TimeoutError as e:
            raise ConnectTimeoutError(self, f"Connection to {self.host} timed out.") from e
        except OSError as e:
            raise NewConnectionError(self, f"Failed to establish a new connection: {e}") from e

    def _connect(self, addresses: list[str]) -> socket.socket:
        for address in addresses[:-1]:
            try:
                return self._connect_to(address)
            except OSError:
                continue
        return self._connect_to(addresses[-1])

    def _connect_to(self, address: str) -> socket.socket:
        return create_connection(
            (address, self.port),
            self.timeout,
            source_address=self.source_address,
            socket_options=self.socket_options,
        )


class _GuardedTls(_Guarded, HTTPSConnection):
    pass


def _allowed(guard: AddressGuard, host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [address for *_, (address, *_) in found if guard.allows(str(address))]
    if not allowed:
        raise AddressRefused(f"{host} leads to a network that this server does not connect to.")
    return [str(address) for address in allowed]


def _http_pool(guard: AddressGuard) -> type[HTTPConnectionPool]:
    connection = type("GuardedConnection", (_Guarded,), {"guard": guard})
    return type("GuardedHttpPool", (HTTPConnectionPool,), {"ConnectionCls": connection})


def _https_pool(guard: AddressGuard) -> type[HTTPSConnectionPool]:
    connection = type("GuardedTlsConnection", (_GuardedTls,), {"guard": guard})
    return type("GuardedHttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": connection})
