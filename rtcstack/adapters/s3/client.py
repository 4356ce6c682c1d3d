"""S3 clients, each with the connections that it is given."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from urllib3.exceptions import HTTPError

from rtcstack.adapters.http.patient_pool import PatientPool

THREADS = 4
TIMEOUT = urllib3.Timeout(connect=2, read=10)
SLOW = urllib3.Timeout(connect=2, read=300)


def plain_pool(timeout: urllib3.Timeout = TIMEOUT) -> urllib3.PoolManager:
    """Return connections that try each call once: what to do about trouble is decided above."""
    return PatientPool(timeout=timeout, retries=False, maxsize=THREADS)


class LimitedCalls(urllib3.PoolManager):
    """Another pool's connections, for so many calls and no more."""

    def __init__(self, pool: urllib3.PoolManager, most: int) -> None:
        super().__init__()
        self._pool, self._left = pool, most

    def urlopen(self, *args: Any, **kw: Any) -> urllib3.BaseHTTPResponse:
        """Raises `urllib3.exceptions.HTTPError` when there are none left."""
        if not self._left:
            raise HTTPError("There were more pages than any folder has.")
        self._left -= 1
        return self._pool.urlopen(*args, **kw)


def client(
    url: str,
    access_key: str,
    secret_key: str,
    region: str,
    *,
    pool: urllib3.PoolManager | None = None,
    session_token: str | None = None,
    path_style: bool | None = None,
) -> Minio:
    """Return a client that addresses a bucket in the path or, with False, as a host of its own; None: as is usual there."""
    parts = urlsplit(url)
    made = Minio(
        parts.netloc,
        access_key=access_key,
        secret_key=secret_key,
        session_token=session_token,
        region=region,
        secure=parts.scheme == "https",
        http_client=pool or plain_pool(),
    )
    switch: dict[bool | None, Callable[[], None]] = {
        True: made.disable_virtual_style_endpoint,
        False: made.enable_virtual_style_endpoint,
    }
    if path_style is not None:
        switch[path_style]()
    return made
