"""Blocking HTTP connections that the address guard looks at: for S3 clients and for reading presigned links.

The check stands between the look-up and the connection, on the very addresses that are connected to, so that a name
cannot answer twice differently and an IP literal is checked like a name. Answers are read within bounds.
"""

import io
import socket
from typing import Any, ClassVar, Final

import urllib3
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, ProtocolError
from urllib3.util.connection import create_connection

from rtcstack.adapters.http.bounded_response import PATIENCE_S, AnswerTooLarge, responses
from rtcstack.adapters.http.guard import AddressGuard, AddressRefused
from rtcstack.adapters.http.patient_pool import PatientConnection

_LARGEST_ANSWER_BYTES: Final = 8 * 1024 * 1024
"""A page of a thousand keys of a kilobyte each, written as XML."""
_LARGEST_REFUSAL_BYTES: Final = 64 * 1024
_LAST_SUCCESS: Final = 299
_MOST_ADDRESSES: Final = 4


def guarded_pool(
    guard: AddressGuard, *, timeout: urllib3.Timeout, maxsize: int, patience_s: float = PATIENCE_S
) -> urllib3.PoolManager:
    """Return a pool that tries each request once, follows no redirect and connects only where the guard allows.

    An answer may take `patience_s`, and what its bytes take on a slow line. One that is read at once, as refusals always
    are, has a few megabytes at most. What is read bit by bit (`preload_content=False`) is the caller's to bound; it tells
    its length in the headers, or is short. Contents are handed over as they are sent, compressed or not.

    A refused address raises `AddressRefused` from `urlopen` and `request`, an answer without an end `AnswerTooLarge`, also
    from reading; everything else is as urllib3 has it.
    """
    return _GuardedPool(guard, timeout, maxsize, patience_s)


class _GuardedPool(urllib3.PoolManager):
    def __init__(
        self, guard: AddressGuard, timeout: urllib3.Timeout, maxsize: int, patience_s: float
    ) -> None:
        super().__init__(timeout=timeout, maxsize=maxsize, retries=False)
        self.pool_classes_by_scheme = {
            "http": _http_pool(guard, patience_s),
            "https": _https_pool(guard, patience_s),
        }

    def urlopen(  # type: ignore[override] # urllib3 types it by overloads; the arguments are only passed on
        self, method: str, url: str, redirect: bool = False, *, preload_content: bool = True, **kw: Any
    ) -> urllib3.BaseHTTPResponse:
        del redirect  # where it leads is not what was asked for
        kw |= {"retries": False, "preload_content": False, "decode_content": False}
        try:
            answer = super().urlopen(method, url, redirect=False, **kw)
        except ProtocolError as e:
            refused = next((arg for arg in e.args if isinstance(arg, AddressRefused)), None)
            if refused is None:
                raise
            raise refused from None
        is_success = answer.status <= _LAST_SUCCESS
        if is_success and not preload_content:
            return answer
        return _whole(answer, method, _LARGEST_ANSWER_BYTES if is_success else _LARGEST_REFUSAL_BYTES)


def _whole(answer: urllib3.BaseHTTPResponse, method: str, most_bytes: int) -> urllib3.BaseHTTPResponse:
    """Return the same answer, all of it in memory."""
    body = answer.read(most_bytes + 1)  # when that fails, the connection is closed
    if len(body) > most_bytes:
        answer.close()
        raise AnswerTooLarge(f"it goes on after {most_bytes} bytes")
    answer.release_conn()
    return urllib3.HTTPResponse(
        io.BytesIO(body),
        headers=answer.headers,
        status=answer.status,
        version=answer.version,
        reason=answer.reason,
        preload_content=False,
        decode_content=False,
        request_method=method,
    )


class _Guarded(PatientConnection):
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
    return [str(address) for address in allowed[:_MOST_ADDRESSES]]


def _http_pool(guard: AddressGuard, patience_s: float) -> type[HTTPConnectionPool]:
    connection = type("GuardedConnection", (_Guarded,), _attributes(guard, patience_s))
    return type("GuardedHttpPool", (HTTPConnectionPool,), {"ConnectionCls": connection})


def _https_pool(guard: AddressGuard, patience_s: float) -> type[HTTPSConnectionPool]:
    connection = type("GuardedTlsConnection", (_GuardedTls,), _attributes(guard, patience_s))
    return type("GuardedHttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": connection})


def _attributes(guard: AddressGuard, patience_s: float) -> dict[str, Any]:
    return {"guard": guard, "response_class": staticmethod(responses(patience_s))}
