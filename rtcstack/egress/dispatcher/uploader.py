"""Puts a finished file into the store and has the store confirm it.

Parts are 8 MiB, which every S3 store takes. Each part's bytes are verified by the store on arrival (signed payload,
Content-MD5 over TLS), and afterwards it is asked what lies under the key (`arrival.py`). The file's checksum is the
object's metadata `rtcstack-sha256`, for whoever verifies it later.
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
from xml.etree.ElementTree import ParseError

import urllib3
from minio.error import MinioException, S3Error

from rtcstack.adapters.http.guard import AddressRefused
from rtcstack.egress.dispatcher.arrival import Sent, SummedFile, has_arrived
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
_hashing: Final = ThreadPoolExecutor(2, thread_name_prefix="checksum")
"""Hours of video take their time; meanwhile the journals need theirs."""
_LOST: Final = {"NoSuchKey", "NoSuchBucket"}
MOST_LOST: Final = 3
"""A store that takes a file so often and never has it moves it away, or is none."""
_PASSING_STATUSES: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_PASSING_CODES: Final = {
    "BadDigest",
    "IncompleteBody",
    "NoSuchUpload",
    "OperationAborted",
    "RequestTimeTooSkewed",
    "RequestTimeout",
    "SlowDown",
    "XAmzContentSHA256Mismatch",
    "XMinioIAMNotInitialized",
    "XMinioServerNotInitialized",
    "XMinioStorageFull",
}
"""What passes although the status is 4xx: bytes lost under way, a clock that is wrong, a store that is starting."""


async def hash_file(file: Path) -> str:
    """Return the SHA-256 of the file in hexadecimal digits."""
    return await hashing(partial(_hash, file))


async def hash_small_file(file: Path) -> str:
    """Return what `hash_file` does, of one that does not wait behind hours of video."""
    return await asyncio.to_thread(_hash, file)


async def hashing(work: Callable[[], _T]) -> _T:
    """Return what `work` does, which reads long files, in a thread of those for it."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, work)


class Upload:
    """One file's way to the store: it is sent once, and looked at as often as it takes to have it confirmed."""

    def __init__(
        self, file: Path, key: str, *, content_type: str, metadata: Mapping[str, str], sha256: str
    ) -> None:
        self._file, self._key, self._content_type = file, key, content_type
        self._metadata = {**metadata, "rtcstack-sha256": sha256}
        self._put: tuple[str, Sent, str] | None = None
        """Where it was sent to, what, and what the store called it."""
        self._lost = 0
        """How often the store had nothing of what it had taken."""

    async def to(self, store: Store) -> None:
        """Upload the file; when this returns, the store has confirmed it. After trouble that passes, call it again.

        Raises:
            PartUnavailable: for trouble that may pass: the store does not answer, is full, or what arrived is not what was sent.
            PartRefused: for what will not pass: a wrong key, no bucket. The message holds the store's own words.
        """
        await in_threads(_ours if store.is_ours else _others, store, self._key, partial(self._to, store))

    def _to(self, store: Store) -> None:
        location = store.location(self._key)
        if self._put is None or self._put[0] != location:
            self._put = (location, *self._send(store))
        _, sent, told = self._put
        if not self._is_there(store, sent, told):
            self._put = None
            raise PartUnavailable(
                f"the store holds {store.bucket}/{self._key} otherwise than it was sent", part="minio"
            )

    def _is_there(self, store: Store, sent: Sent, told: str) -> bool:
        """Whether the store has what was sent; what it took and has no more is sent again."""
        try:
            return has_arrived(store, self._key, sent, told)
        except S3Error as e:
            if e.code not in _LOST:
                raise
            self._lost += 1
            if self._lost >= MOST_LOST:
                raise
            return False

    def _send(self, store: Store) -> tuple[Sent, str]:
        try:
            return _put(store, self._file, self._key, self._content_type, self._metadata)
        except S3Error as e:
            if e.code != "NoSuchBucket" or not store.is_ours:
                raise
        store.client.make_bucket(store.bucket, location=store.region)
        return _put(store, self._file, self._key, self._content_type, self._metadata)


async def upload(
    store: Store, file: Path, key: str, *, content_type: str, metadata: Mapping[str, str], sha256: str
) -> None:
    """Upload the file, as `Upload.to` does; a further call sends it again."""
    await Upload(file, key, content_type=content_type, metadata=metadata, sha256=sha256).to(store)


async def ensure_bucket(store: Store) -> None:
    """Make the store's bucket if it is missing.

    Raises:
        PartUnavailable, PartRefused: as `Upload.to` does.
    """
    await in_threads(_ours, store, "", partial(_ensure_bucket, store))


async def in_threads(threads: ThreadPoolExecutor, store: Store, key: str, work: Callable[[], _T]) -> _T:
    """Return what the calls to the store return.

    Raises:
        PartUnavailable, PartRefused: as `Upload.to` does.
    """
    with _errors_of(store, f"{store.bucket}/{key}".rstrip("/")):
        return await asyncio.get_running_loop().run_in_executor(threads, work)


@contextlib.contextmanager
def _errors_of(store: Store, what: str) -> Iterator[None]:
    try:
        yield
    except AddressRefused as e:
        raise PartRefused(f"the store at {store.url} is refused: {e}", part="minio") from e
    except (UnicodeDecodeError, ParseError) as e:  # a proxy's page in the store's place
        raise PartUnavailable(
            f"the store at {store.url} gave an answer that is none: {e}", part="minio"
        ) from e
    except ValueError as e:  # from the client itself: a name that no store takes
        raise PartRefused(f"the store cannot be asked for {what}: {e}", part="minio") from e
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


def _put(store: Store, file: Path, key: str, content_type: str, metadata: dict[str, str]) -> tuple[Sent, str]:
    """Return what was sent, and what the store called it."""
    size_bytes = file.stat().st_size
    part_bytes = max(PART_BYTES, -(-size_bytes // MOST_PARTS))
    with SummedFile(str(file), part_bytes) as source:
        made = store.client.put_object(
            store.bucket,
            key,
            source,
            size_bytes,
            content_type=content_type,
            metadata=dict(metadata),
            part_size=part_bytes,
            num_parallel_uploads=_PARTS_AT_ONCE,
        )
    is_multipart = size_bytes > part_bytes
    return Sent(size_bytes, part_bytes, source.sums.md5s(), is_multipart), (made.etag or "").strip('"')
