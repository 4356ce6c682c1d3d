"""`ports/storage.py` over plain S3 calls. The client blocks, so it runs in a few threads of its own."""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar
from urllib.parse import quote, urlsplit

import urllib3
from minio import Minio
from minio.error import S3Error

from rtcstack.adapters.s3.copying import LARGEST_COPY_BYTES, Copying
from rtcstack.adapters.s3.failures import s3_failures
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.ports.storage import Location, StoredObject

_T = TypeVar("_T")
_META = "x-amz-meta-"
_THREADS = 4
_TIMEOUT = urllib3.Timeout(connect=2, read=10)
_SLOW = urllib3.Timeout(connect=2, read=300)
_CHUNK_BYTES = 1024 * 1024
_OURS_ALREADY = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


def client(
    url: str, access_key: str, secret_key: str, region: str, timeout: urllib3.Timeout = _TIMEOUT
) -> Minio:
    """Return a client that tries each call once: what to do about trouble is decided above."""
    parts = urlsplit(url)
    pool = urllib3.PoolManager(timeout=timeout, retries=False, maxsize=_THREADS)
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
        self,
        *,
        url: str,
        public_url: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        region: str,
        largest_copy_bytes: int = LARGEST_COPY_BYTES,
    ) -> None:
        self._bucket = bucket
        self._client = client(url, access_key, secret_key, region)
        self._copying = Copying(client(url, access_key, secret_key, region, _SLOW), largest_copy_bytes)
        self._signer = client(public_url, access_key, secret_key, region)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3")
        self._closing = threading.Event()
        # Copies and digests of large objects take long: they must not keep a stat waiting.
        self._slow_threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3-slow")

    @property
    def bucket(self) -> str:
        return self._bucket

    async def close(self) -> None:
        self._closing.set()  # the process does not end before its threads do
        for threads in (self._threads, self._slow_threads):
            threads.shutdown(wait=False, cancel_futures=True)

    async def stat(self, key: str, bucket: str | None = None) -> StoredObject:
        found = await self._call(lambda: self._client.stat_object(bucket or self._bucket, key))
        metadata = {
            name.lower().removeprefix(_META): value
            for name, value in (found.metadata or {}).items()
            if name.lower().startswith(_META)
        }
        return StoredObject(key=key, size_bytes=found.size or 0, etag=found.etag or "", metadata=metadata)

    async def list_folder(self, prefix: str) -> Sequence[str]:
        found = await self._call(lambda: list(self._client.list_objects(self._bucket, prefix)))
        return [entry.object_name for entry in found if entry.object_name and not entry.is_dir]

    async def ensure_bucket(self, bucket: str) -> None:
        await self._call(lambda: self._make_bucket(bucket))

    def _make_bucket(self, bucket: str) -> None:
        if self._client.bucket_exists(bucket):
            return
        try:
            self._client.make_bucket(bucket)
        except S3Error as e:  # another process made it at the same time
            if e.code not in _OURS_ALREADY:
                raise

    async def copy(self, source: Location, target: Location, storage_class: str | None = None) -> None:
        await self._call_slowly(lambda: self._copying.copy(source, target, storage_class))

    async def sha256(self, at: Location) -> str:
        return await self._call_slowly(lambda: self._digest(at))

    def _digest(self, at: Location) -> str:
        digest = hashlib.sha256()
        answer = self._client.get_object(at.bucket, at.key)
        try:
            while chunk := answer.read(_CHUNK_BYTES):
                if self._closing.is_set():
                    raise PartUnavailable("The client is being closed.", part="minio")
                digest.update(chunk)
        finally:
            answer.close()
            answer.release_conn()
        return digest.hexdigest()

    async def delete(self, at: Location) -> None:
        await self._call(lambda: self._client.remove_object(at.bucket, at.key))

    async def ping(self) -> None:
        if not await self._call(lambda: self._client.bucket_exists(self._bucket)):
            raise PartRefused(
                f"The object store has no bucket {self._bucket}.", part="minio", s3_code="NoSuchBucket"
            )

    def presign(self, key: str, ttl_s: int, file_name: str) -> str:
        headers: dict[str, str | list[str] | tuple[str]] = {
            "response-content-disposition": f"inline; filename*=UTF-8''{quote(file_name)}",
            "response-content-type": "video/mp4",
        }
        return self._signer.presigned_get_object(
            self._bucket, key, expires=timedelta(seconds=ttl_s), response_headers=headers
        )

    async def _call(self, work: Callable[[], _T]) -> _T:
        return await _run(self._threads, work)

    async def _call_slowly(self, work: Callable[[], _T]) -> _T:
        return await _run(self._slow_threads, work)


async def _run(threads: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
    with s3_failures():
        return await asyncio.get_running_loop().run_in_executor(threads, work)
