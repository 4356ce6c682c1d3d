"""`StoreOpener`: tenants' buckets, reached through the address guard."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import urllib3

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.guarded_pool import guarded_pool
from rtcstack.adapters.s3.check import probe
from rtcstack.adapters.s3.client import THREADS, client
from rtcstack.adapters.s3.store import S3Storage
from rtcstack.errors import Invalid
from rtcstack.ports.storage import OwnStorage, Permissions, StoreAccess

_CHECK = urllib3.Timeout(connect=4, read=8)
_PATIENCE_S = 20.0


class S3Opener:
    def __init__(self, guard: AddressGuard) -> None:
        self._pool = partial(guarded_pool, guard, maxsize=THREADS)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3-check")

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

    async def check(self, access: StoreAccess, key: str) -> Permissions:
        store = client(
            access.endpoint,
            access.access_key_id,
            access.secret_access_key,
            access.region,
            pool=self._pool(timeout=_CHECK),
            path_style=access.path_style,
        )
        asking = asyncio.get_running_loop().run_in_executor(self._threads, probe, store, access.bucket, key)
        try:
            return await asyncio.wait_for(asking, _PATIENCE_S)
        except TimeoutError as e:
            raise Invalid(
                f"The endpoint did not answer within {_PATIENCE_S:g} s.",
                code="storage_check_failed",
                field="endpoint",
            ) from e

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
