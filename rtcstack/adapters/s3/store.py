"""`ports/storage.py` over plain S3 calls. The client blocks, so it runs in a few threads of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar
from urllib.parse import quote, urlsplit

import urllib3
from minio import Minio

from rtcstack.adapters.s3.failures import s3_failures
from rtcstack.errors import PartRefused
from rtcstack.ports.storage import StoredObject

_T = TypeVar("_T")
_META = "x-amz-meta-"
_THREADS = 4
_TIMEOUT = urllib3.Timeout(connect=2, read=10)


def client(url: str, access_key: str, secret_key: str, region: str) -> Minio:
    """Return a client that tries each call once: what to do about trouble is decided above."""
    parts = urlsplit(url)
    pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False, maxsize=_THREADS)
    return Minio(
        parts.netloc,
        access_key=access_key,
        secret_key=secret_key,
        region=region,
        secure=parts.scheme == "https",
        http_client=pool,
    )


class S3Storage:
    """One bucket. `public_url` is where browsers reach the store: presigned links are signed for that host."""

    def __init__(
        self, *, url: str, public_url: str, bucket: str, access_key: str, secret_key: str, region: str
    ) -> None:
        self._bucket = bucket
        self._client = client(url, access_key, secret_key, region)
        self._signer = client(public_url, access_key, secret_key, region)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3")

    @property
    def bucket(self) -> str:
        return self._bucket

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def stat(self, key: str) -> StoredObject:
        found = await self._call(lambda: self._client.stat_object(self._bucket, key))
        metadata = {
            name.lower().removeprefix(_META): value
            for name, value in (found.metadata or {}).items()
            if name.lower().startswith(_META)
        }
        return StoredObject(key=key, size_bytes=found.size or 0, etag=found.etag or "", metadata=metadata)

    async def ping(self) -> None:
        if not await self._call(lambda: self._client.bucket_exists(self._bucket)):
            raise PartRefused(
                f"The object store has no bucket {self._bucket}.", part="minio", s3_code="NoSuchBucket"
            )

    def presign(self, key: str, ttl_s: int, file_name: str) -> str:
        headers: dict[str, str | list[str] | tuple[str]] = {
            "response-content-disposition": f"attachment; filename*=UTF-8''{quote(file_name)}",
            "response-content-type": "video/mp4",
        }
        return self._signer.presigned_get_object(
            self._bucket, key, expires=timedelta(seconds=ttl_s), response_headers=headers
        )

    async def _call(self, work: Callable[[], _T]) -> _T:
        with s3_failures():
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
