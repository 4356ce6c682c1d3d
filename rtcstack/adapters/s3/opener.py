"""`StoreOpener`: tenants' buckets, reached through the address guard."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import urllib3

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.guarded_pool import guarded_pool
from rtcstack.adapters.s3.check import probe
from rtcstack.adapters.s3.client import THREADS, client
from rtcstack.adapters.s3.store import S3Storage
from rtcstack.errors import Conflict, Invalid
from rtcstack.ports.storage import OwnStorage, Permissions, StoreAccess

_CHECK = urllib3.Timeout(connect=4, read=8)
_CHECK_THREADS = 16
_ANSWER_PATIENCE_S = 8.0
_PATIENCE_S = 20.0
"""For all three calls of a check."""
_LOOK_UP_S = 3.0


class S3Opener:
    def __init__(self, guard: AddressGuard) -> None:
        self._pool = partial(guarded_pool, guard, maxsize=THREADS)
        self._threads = ThreadPoolExecutor(_CHECK_THREADS, thread_name_prefix="s3-check")
        self._checked: set[str] = set()
        """Tenants one of these threads works for, also when nobody waits for it any more."""

    def open(self, access: StoreAccess) -> OwnStorage:
        return S3Storage(
            url=access.endpoint,
            public_url=access.endpoint,
            bucket=access.bucket,
            access_key=access.access_key_id,
            secret_key=access.secret_access_key,
            region=access.region,
            path_style=access.path_style,
            pool=lambda timeout: self._pool(timeout=timeout),
        )

    async def check(self, access: StoreAccess, key: str, tenant_id: str) -> Permissions:
        if tenant_id in self._checked:
            raise Conflict(
                "A bucket of yours is being checked already; try again in a moment.",
                code="storage_check_running",
            )
        store = client(
            access.endpoint,
            access.access_key_id,
            access.secret_access_key,
            access.region,
            pool=self._pool(timeout=_CHECK, patience_s=_ANSWER_PATIENCE_S),
            path_style=access.path_style,
        )
        asking = asyncio.get_running_loop().run_in_executor(self._threads, probe, store, access.bucket, key)
        self._checked.add(tenant_id)
        asking.add_done_callback(partial(self._end, tenant_id))
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await asyncio.shield(asking)
        except TimeoutError as e:
            raise Invalid(
                f"The endpoint did not answer within {_PATIENCE_S:g} s.",
                code="storage_check_failed",
                field="endpoint",
            ) from e

    def _end(self, tenant_id: str, asked: "asyncio.Future[Permissions]") -> None:
        self._checked.discard(tenant_id)
        if not asked.cancelled():
            asked.exception()  # whoever asked may be gone

    async def addresses(self, endpoint: str) -> frozenset[str]:
        host = urlsplit(endpoint).hostname
        look_up = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
        looking = asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        try:
            async with asyncio.timeout(_LOOK_UP_S):
                found = await looking
        except (OSError, TimeoutError):
            return frozenset()
        return frozenset(str(address[0]) for *_, address in found)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
