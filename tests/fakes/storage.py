"""An object store in memory; `tests/contract/ports/test_storage.py` holds it against the real one."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from rtcstack.errors import ObjectNotFound, RtcError
from rtcstack.ports.storage import Location, StoredObject


class FakeStorage:
    bucket = "recordings"

    def __init__(self) -> None:
        self.objects: dict[str, StoredObject] = {}
        """The own bucket's, by key."""
        self.others: dict[str, dict[str, StoredObject]] = {}
        """Other buckets', by bucket and key."""
        self.calls: list[str] = []
        self.spoils_copies = False
        self.after_copy: Callable[[], Awaitable[None]] | None = None
        self._failures: list[RtcError] = []
        self._failing: tuple[str, BaseException] | None = None

    def put(self, key: str, size_bytes: int, metadata: Mapping[str, str] | None = None) -> None:
        self.objects[key] = StoredObject(key, size_bytes, f"etag-{size_bytes}", metadata or {})

    def fail_next(self, error: RtcError) -> None:
        """Let the next stat fail with `error`."""
        self._failures.append(error)

    def fail_at(self, call: str, error: BaseException) -> None:
        """Let the next call of that name fail with `error`, before it does anything."""
        self._failing = (call, error)

    def _enter(self, call: str) -> None:
        self.calls.append(call)
        if self._failing and self._failing[0] == call:
            error, self._failing = self._failing[1], None
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

    async def sha256(self, at: Location) -> str:
        self._enter("sha256")
        found = await self.stat(at.key, at.bucket)
        return hashlib.sha256(found.etag.encode()).hexdigest()

    async def delete(self, at: Location) -> None:
        self._enter("delete")
        self._in(at.bucket).pop(at.key, None)

    async def ping(self) -> None:
        return

    def presign(self, key: str, ttl_s: int, file_name: str) -> str:
        return f"https://store/{key}?ttl={ttl_s}&name={file_name}"
