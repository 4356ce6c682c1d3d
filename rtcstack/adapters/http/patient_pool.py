"""Blocking HTTP connections that give each bit of what is sent its time, and not the whole of it."""

from typing import Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_SENT_AT_ONCE_BYTES: Final = 64 * 1024


class PatientConnection(HTTPConnection):
    """A new one's time for connecting is also the time for what is sent at once: urllib3 sends all that there is."""

    def send(self, data: Any) -> None:
        """Send it bit by bit: a socket's timeout bounds what is sent at once, as a whole."""
        if not isinstance(data, bytes):
            super().send(data)
            return
        view = memoryview(data)
        for start in range(0, len(data), _SENT_AT_ONCE_BYTES):
            super().send(view[start : start + _SENT_AT_ONCE_BYTES])


class PatientTlsConnection(PatientConnection, HTTPSConnection):
    pass


class PatientHttpPool(HTTPConnectionPool):
    ConnectionCls = PatientConnection


class PatientHttpsPool(HTTPSConnectionPool):
    ConnectionCls = PatientTlsConnection


class PatientPool(urllib3.PoolManager):
    """As urllib3's own in all else. For servers of ours: what a tenant names goes through `guarded_pool`."""

    def __init__(self, *, timeout: urllib3.Timeout, retries: urllib3.Retry | bool, maxsize: int) -> None:
        super().__init__(timeout=timeout, retries=retries, maxsize=maxsize)
        self.pool_classes_by_scheme = {"http": PatientHttpPool, "https": PatientHttpsPool}
