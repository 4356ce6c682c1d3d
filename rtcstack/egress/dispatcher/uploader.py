"""Puts a finished file into the store and has the store confirm it.

Parts are 8 MiB, which every S3 store takes. The file's checksum is the object's metadata `rtcstack-sha256`: each part's
bytes are verified by the store on arrival (signed payload, Content-MD5 over TLS), and the HEAD request afterwards
shows that this very file, in its full length, is what lies under the key.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final, TypeVar

import urllib3
from minio.error import MinioException, S3Error

from rtcstack.adapters.http.guard import AddressRefused
from rtcstack.egress.dispatcher.store import Store
from rtcstack.errors import PartRefused, PartUnavailable

_T = TypeVar("_T")
PART_BYTES: Final = 8 * 1024 * 1024
MOST_PARTS: Final = 10_000
"""S3 takes no more of one object."""
_PARTS_AT_ONCE: Final = 2
_ours: Final = ThreadPoolExecutor(4, thread_name_prefix="upload")
_others: Final = ThreadPoolExecutor(4, thread_name_prefix="upload-elsewhere")
"""Threads of their own, started when needed: a store that hangs must not hold up the journals, nor somebody's the shared one."""
_PASSING_STATUSES: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_PASSING_CODES: Final = {
    "BadDigest",
    "IncompleteBody",
    "NoSuchUpload",
    "OperationAborted",
    "RequestTimeTooSkewed",
    "RequestTimeout",
    "SlowDown",
    "XMinioIAMNotInitialized",
    "XMinioServerNotInitialized",
    "XMinioStorageFull",
}
"""What passes although the status is 4xx: bytes lost under way, a clock that is wrong, a store that is starting."""


async def hash_file(file: Path) -> str:
    """Return the SHA-256 of the file in hexadecimal digits."""
    return await asyncio.to_thread(_hash, file)


async def upload(
    store: Store, file: Path, key: str, *, content_type: str, metadata: Mapping[str, str], sha256: str
) -> None:
    """Upload the file; when this returns, the store has confirmed it.

    Raises:
        PartUnavailable: for trouble that may pass: the store does not answer, is full, or the object is incomplete.
        PartRefused: for what will not pass: a wrong key, no bucket. The message holds the store's own words.
    """
    work = partial(_upload, store, file, key, content_type, {**metadata, "rtcstack-sha256": sha256})
    await in_threads(_ours if store.is_ours else _others, store, key, work)


async def ensure_bucket(store: Store) -> None:
    """Make the store's bucket if it is missing.

    Raises:
        PartUnavailable, PartRefused: as `upload` does.
    """
    await in_threads(_ours, store, "", partial(_ensure_bucket, store))


async def in_threads(threads: ThreadPoolExecutor, store: Store, key: str, work: Callable[[], _T]) -> _T:
    """Return what the calls to the store return.

    Raises:
        PartUnavailable, PartRefused: as `upload` does.
    """
    with _errors_of(store, f"{store.bucket}/{key}".rstrip("/")):
        return await asyncio.get_running_loop().run_in_executor(threads, work)


@contextlib.contextmanager
def _errors_of(store: Store, what: str) -> Iterator[None]:
    try:
        yield
    except AddressRefused as e:
        raise PartRefused(f"the store at {store.url} is refused: {e}", part="minio") from e
    except S3Error as e:
        kind = PartUnavailable if _is_passing(e) else PartRefused
        raise kind(f"the store refused {what}: {e.message} ({e.code})", part="minio") from e
    except (MinioException, urllib3.exceptions.HTTPError) as e:
        raise PartUnavailable(f"the store at {store.url} does not answer: {e}", part="minio") from e


def _is_passing(error: S3Error) -> bool:
    """A store's trouble of its own (5xx) passes, its refusal of what we are or ask for (4xx) does not."""
    status = error.response.status
    is_its_own = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return is_its_own or status in _PASSING_STATUSES or error.code in _PASSING_CODES


def _ensure_bucket(store: Store) -> None:
    if not store.client.bucket_exists(store.bucket):
        store.client.make_bucket(store.bucket, location=store.region)


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _upload(store: Store, file: Path, key: str, content_type: str, metadata: dict[str, str]) -> None:
    put = partial(
        store.client.fput_object,
        store.bucket,
        key,
        str(file),
        part_size=max(PART_BYTES, -(-file.stat().st_size // MOST_PARTS)),
        num_parallel_uploads=_PARTS_AT_ONCE,
    )
    try:
        put(content_type=content_type, metadata=dict(metadata))
    except S3Error as e:
        if e.code != "NoSuchBucket" or not store.is_ours:
            raise
        store.client.make_bucket(store.bucket, location=store.region)
        put(content_type=content_type, metadata=dict(metadata))
    _confirm(store, key, size_bytes=file.stat().st_size, sha256=metadata["rtcstack-sha256"])


def _confirm(store: Store, key: str, *, size_bytes: int, sha256: str) -> None:
    try:
        head = store.client.stat_object(store.bucket, key)
    except S3Error as e:
        if e.code == "AccessDenied" and not store.is_ours:
            return  # a key that may only put: its acknowledgement of the put has to do
        raise
    stored = {name.lower(): value for name, value in (head.metadata or {}).items()}
    if head.size != size_bytes or stored.get("x-amz-meta-rtcstack-sha256") != sha256:
        raise PartUnavailable(f"the store holds {store.bucket}/{key} incompletely", part="minio")
