"""An object store in memory; `tests/contract/ports/test_storage.py` holds it against the real one."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rtcstack.domain.checksum import hasher_like
from rtcstack.errors import ObjectNotFound, PartRefused, RtcError, StoreDenied
from rtcstack.ports.storage import Listed, Location, StoredObject

_DIGEST = 64


class FakeStorage:
    def __init__(self, bucket: str = "recordings") -> None:
        self.bucket = bucket
        self.may_read = True
        """Whether its key may do more than put."""
        self.objects: dict[str, StoredObject] = {}
        """The own bucket's, by key."""
        self.others: dict[str, dict[str, StoredObject]] = {}
        """Other buckets', by bucket and key."""
        self.contents: dict[str, bytes] = {}
        """What was uploaded, by key."""
        self.calls: list[str] = []
        self.spoils_copies = False
        self.after_copy: Callable[[], Awaitable[None]] | None = None
        self._failures: list[RtcError] = []
        self._failing: dict[tuple[str, int], BaseException] = {}
        """By the call's name and its number."""
        self.before_upload: Callable[[], Awaitable[None]] | None = None

    def put(self, key: str, size_bytes: int, metadata: Mapping[str, str] | None = None) -> None:
        self.objects[key] = StoredObject(key, size_bytes, f"etag-{size_bytes}", metadata or {})

    def fill(self, key: str, data: bytes, metadata: Mapping[str, str] | None = None) -> str:
        """Have an object with these bytes, and return their digest."""
        digest = hashlib.sha256(data).hexdigest()
        self.contents[key] = data
        self.objects[key] = StoredObject(key, len(data), digest, metadata or {})
        return digest

    def fail_next(self, error: RtcError) -> None:
        """Let the next stat fail with `error`."""
        self._failures.append(error)

    def fail_at(self, call: str, error: BaseException, nth: int = 1) -> None:
        """Let the `nth` call of that name from now on fail with `error`, before it does anything."""
        self._failing[call, self.calls.count(call) + nth] = error

    def _enter(self, call: str) -> None:
        self.calls.append(call)
        if not self.may_read and call != "upload":
            raise StoreDenied("The object store refused: Access Denied.", part="minio")
        if error := self._failing.pop((call, self.calls.count(call)), None):
            raise error

    def _in(self, bucket: str | None) -> dict[str, StoredObject]:
        if bucket in (None, self.bucket):
            return self.objects
        return self.others.get(bucket or "", {})

    async def stat(self, key: str, bucket: str | None = None) -> StoredObject:
        self._enter("stat")
        if self._failures:
            raise self._failures.pop()
        if key not in self._in(bucket):
            raise ObjectNotFound("no such object", part="minio")
        return self._in(bucket)[key]

    async def list_folder(self, prefix: str) -> Sequence[str]:
        self._enter("list_folder")
        return sorted(k for k in self.objects if k.startswith(prefix) and "/" not in k[len(prefix) :])

    async def list_from(self, prefix: str, after: str, limit: int) -> Sequence[Listed]:
        self._enter("list_from")
        keys = sorted((k for k in self.objects if k.startswith(prefix) and k > after), key=str.encode)
        return [Listed(key, self.objects[key].size_bytes) for key in keys[:limit]]

    async def ensure_bucket(self, bucket: str) -> None:
        self._enter("ensure_bucket")
        if bucket != self.bucket:
            self.others.setdefault(bucket, {})

    async def copy(self, source: Location, target: Location, storage_class: str | None = None) -> None:
        del storage_class
        self._enter("copy")
        original = await self.stat(source.key, source.bucket)
        spoilt = replace(original, etag="spoilt")
        self._in(target.bucket)[target.key] = spoilt if self.spoils_copies else original
        if self.after_copy:
            await self.after_copy()

    async def upload(
        self,
        file: Path,
        key: str,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        bucket: str | None = None,
    ) -> StoredObject:
        del content_type
        if self.before_upload:
            await self.before_upload()
        self._enter("upload")
        data = await asyncio.to_thread(file.read_bytes)
        self.contents[key] = data
        self._in(bucket)[key] = StoredObject(key, len(data), hashlib.sha256(data).hexdigest(), dict(metadata))
        return self._in(bucket)[key]

    async def download(
        self, at: Location, file: Path, size_bytes: int | None = None, *, like: str | None = None
    ) -> str:
        self._enter("download")
        found = self._sized(await self.stat(at.key, at.bucket), size_bytes)
        await asyncio.to_thread(file.write_bytes, self.contents.get(at.key, b"x" * found.size_bytes))
        return await self.sha256(at, like=like)

    def source_url(self, key: str, ttl_s: int, bucket: str | None = None) -> str:
        return f"https://store/{bucket or self.bucket}/{key}?ttl={ttl_s}"

    def _sized(self, found: StoredObject, size_bytes: int | None) -> StoredObject:
        if size_bytes not in (None, found.size_bytes):
            raise PartRefused(f"it has {found.size_bytes} bytes", part="minio")
        return found

    async def sha256(self, at: Location, size_bytes: int | None = None, *, like: str | None = None) -> str:
        self._enter("sha256")
        found = self._sized(await self.stat(at.key, at.bucket), size_bytes)
        if at.key in self.contents and like is not None and len(like) != _DIGEST:
            hasher = hasher_like(like)
            hasher.update(self.contents[at.key])
            return hasher.word()
        return found.etag if len(found.etag) == _DIGEST else hashlib.sha256(found.etag.encode()).hexdigest()

    async def delete(self, at: Location) -> None:
        self._enter("delete")
        self._in(at.bucket).pop(at.key, None)

    async def close(self) -> None:
        self.calls.append("close")

    async def ping(self) -> None:
        return

    def presign(
        self, key: str, ttl_s: int, file_name: str, *, attachment: bool = False, from_s: int | None = None
    ) -> str:
        how = ("&attachment" if attachment else "") + (f"&from={from_s}" if from_s is not None else "")
        return f"https://store/{key}?ttl={ttl_s}&name={file_name}{how}"
