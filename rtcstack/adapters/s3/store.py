"""`ports/storage.py` over plain S3 calls. The client blocks, so it runs in a few threads of its own."""

import asyncio
import mimetypes
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import quote

import urllib3
from minio.error import S3Error

from rtcstack.adapters.s3.client import SLOW, THREADS, TIMEOUT, LimitedCalls, client, plain_pool
from rtcstack.adapters.s3.copying import LARGEST_COPY_BYTES, Copying
from rtcstack.adapters.s3.failures import s3_failures
from rtcstack.domain.checksum import hasher_like
from rtcstack.errors import DiskFull, PartRefused, PartUnavailable, StoreDenied
from rtcstack.ports.storage import Listed, Location, StoredObject

_T = TypeVar("_T")
_META = "x-amz-meta-"
_THAWED = 'ongoing-request="false"'
"""In `x-amz-restore`, which stands there only while an object is being brought back or can be read (S3, HeadObject)."""
_CHUNK_BYTES = 1024 * 1024
_PART_BYTES = 8 * 1024 * 1024
_MOST_PAGES = 200
"""Of a thousand keys each. A store that always promises another one is not asked for ever."""
_PAGE_KEYS = 1000
_OURS_ALREADY = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


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
        path_style: bool | None = None,
        pool: Callable[[urllib3.Timeout], urllib3.PoolManager] = plain_pool,
        largest_copy_bytes: int = LARGEST_COPY_BYTES,
    ) -> None:
        """`pool` makes the connections, with the timeout that it is given."""
        connect = partial(
            client, access_key=access_key, secret_key=secret_key, region=region, path_style=path_style
        )
        self._bucket = bucket
        self._connect = partial(connect, url)
        self._pool = pool(TIMEOUT)
        self._client = connect(url, pool=self._pool)
        slow_pool = pool(SLOW)
        self._slow = connect(url, pool=slow_pool)
        self._copying = Copying(self._slow, slow_pool, largest_copy_bytes)
        self._signer = connect(public_url)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")
        self._closing = threading.Event()
        # Copies and digests of large objects take long: they must not keep a stat waiting.
        self._slow_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3-slow")

    @property
    def bucket(self) -> str:
        return self._bucket

    async def close(self) -> None:
        self._closing.set()  # the process does not end before its threads do
        for threads in (self._threads, self._slow_threads):
            threads.shutdown(wait=False, cancel_futures=True)

    async def stat(self, key: str, bucket: str | None = None) -> StoredObject:
        found = await self._call(lambda: self._client.stat_object(bucket or self._bucket, key))
        headers = {name.lower(): value for name, value in (found.metadata or {}).items()}
        return StoredObject(
            key=key,
            size_bytes=found.size or 0,
            etag=found.etag or "",
            metadata={n.removeprefix(_META): v for n, v in headers.items() if n.startswith(_META)},
            storage_class=headers.get("x-amz-storage-class"),
            is_thawed=_THAWED in headers.get("x-amz-restore", ""),
        )

    async def list_folder(self, prefix: str) -> Sequence[str]:
        def read() -> list[str]:
            pages = self._connect(pool=LimitedCalls(self._pool, _MOST_PAGES))
            found = pages.list_objects(self._bucket, prefix)
            return [entry.object_name for entry in found if entry.object_name and not entry.is_dir]

        return await self._call(read)

    async def list_from(self, prefix: str, after: str, limit: int) -> Sequence[Listed]:
        def read() -> list[Listed]:
            pages = self._connect(pool=LimitedCalls(self._pool, limit // _PAGE_KEYS + 1))
            found = pages.list_objects(self._bucket, prefix, recursive=True, start_after=after or None)
            keys = (Listed(e.object_name, e.size or 0) for e in found if e.object_name)
            return list(islice(keys, limit))

        return await self._call(read)

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

    async def upload(
        self,
        file: Path,
        key: str,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        bucket: str | None = None,
    ) -> StoredObject:
        def put() -> str:
            written = self._slow.fput_object(
                bucket or self._bucket,
                key,
                str(file),
                content_type=content_type,
                metadata=dict(metadata),
                part_size=_PART_BYTES,
                num_parallel_uploads=1,
            )
            return written.etag or ""

        etag = await self._call_slowly(put)
        try:
            return await self.stat(key, bucket)
        except StoreDenied:  # a key that may put alone: that the store took it has to do
            size_bytes = (await asyncio.to_thread(file.stat)).st_size
            return StoredObject(key, size_bytes, etag, dict(metadata))

    def source_url(self, key: str, ttl_s: int, bucket: str | None = None) -> str:
        return self._client.presigned_get_object(
            bucket or self._bucket, key, expires=timedelta(seconds=ttl_s)
        )

    async def sha256(self, at: Location, size_bytes: int | None = None, *, like: str | None = None) -> str:
        return await self._call_slowly(lambda: self._read(at, size_bytes, like, lambda _: None))

    async def download(
        self, at: Location, file: Path, size_bytes: int | None = None, *, like: str | None = None
    ) -> str:
        def write() -> str:
            with file.open("wb") as out:
                return self._read(at, size_bytes, like, partial(_write, out))

        return await self._call_slowly(write)

    def _read(
        self, at: Location, size_bytes: int | None, like: str | None, take: Callable[[bytes], object]
    ) -> str:
        """Hand the bytes over as they come and return their checksum."""
        digest = hasher_like(like)
        answer = self._slow.get_object(at.bucket, at.key)
        try:
            _check_size(answer.headers.get("Content-Length"), size_bytes)
            while chunk := answer.read(_CHUNK_BYTES):
                if self._closing.is_set():
                    raise PartUnavailable("The client is being closed.", part="minio")
                digest.update(chunk)
                take(chunk)
        finally:
            answer.close()
            answer.release_conn()
        return digest.word()

    async def delete(self, at: Location) -> None:
        await self._call(lambda: self._client.remove_object(at.bucket, at.key))

    async def ping(self) -> None:
        if not await self._call(lambda: self._client.bucket_exists(self._bucket)):
            raise PartRefused(
                f"The object store has no bucket {self._bucket}.", part="minio", s3_code="NoSuchBucket"
            )

    def presign(
        self, key: str, ttl_s: int, file_name: str, *, attachment: bool = False, from_s: int | None = None
    ) -> str:
        how = "attachment" if attachment else "inline"
        headers: dict[str, str | list[str] | tuple[str]] = {
            "response-content-disposition": f"{how}; filename*=UTF-8''{quote(file_name)}",
            "response-content-type": mimetypes.guess_type(file_name)[0] or "video/mp4",
        }
        return self._signer.presigned_get_object(
            self._bucket,
            key,
            expires=timedelta(seconds=ttl_s),
            response_headers=headers,
            request_date=None if from_s is None else datetime.fromtimestamp(from_s, UTC),
        )

    async def _call(self, work: Callable[[], _T]) -> _T:
        return await _run(self._threads, work)

    async def _call_slowly(self, work: Callable[[], _T]) -> _T:
        return await _run(self._slow_threads, work)


def _check_size(told: str | None, expected: int | None) -> None:
    """What the server sends after that many bytes is not read any more."""
    if expected is not None and told != str(expected):
        raise PartRefused(f"The object has {told} bytes, and not {expected}.", part="minio")


def _write(out: BinaryIO, chunk: bytes) -> None:
    """Raises `DiskFull`, which would be taken for a failure of the network otherwise."""
    try:
        out.write(chunk)
        out.flush()
    except OSError as e:
        raise DiskFull(f"There is no room for the file: {e.strerror}.") from e


async def _run(threads: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
    with s3_failures():
        return await asyncio.get_running_loop().run_in_executor(threads, work)
