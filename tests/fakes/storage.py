from collections.abc import Mapping

from rtcstack.errors import ObjectNotFound, RtcError
from rtcstack.ports.storage import StoredObject


class FakeStorage:
    bucket = "recordings"

    def __init__(self) -> None:
        self.objects: dict[str, StoredObject] = {}
        self._failures: list[RtcError] = []

    def put(self, key: str, size_bytes: int, metadata: Mapping[str, str] | None = None) -> None:
        self.objects[key] = StoredObject(key, size_bytes, "etag", metadata or {})

    def fail_next(self, error: RtcError) -> None:
        self._failures.append(error)

    async def stat(self, key: str) -> StoredObject:
        if self._failures:
            raise self._failures.pop()
        if key not in self.objects:
            raise ObjectNotFound("no such object", part="minio")
        return self.objects[key]

    async def ping(self) -> None:
        return

    def presign(self, key: str, ttl_s: int, file_name: str) -> str:
        return f"https://store/{key}?ttl={ttl_s}&name={file_name}"
