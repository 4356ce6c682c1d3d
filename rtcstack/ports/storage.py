"""The object store as the services see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class StoredObject:
    key: str
    size_bytes: int
    etag: str
    metadata: Mapping[str, str]
    """User metadata, names in lower case and without the `x-amz-meta-` prefix."""


class Storage(Protocol):
    """Every network call raises `PartUnavailable` or `PartRefused`, the latter with the store's own words."""

    @property
    def bucket(self) -> str: ...

    async def stat(self, key: str) -> StoredObject:
        """Raises `ObjectNotFound`."""
        ...

    async def ping(self) -> None:
        """Return if the store answers and has the bucket."""
        ...

    def presign(self, key: str, ttl_s: int, file_name: str) -> str:
        """Return a link that downloads the object as `file_name` and expires after `ttl_s` seconds."""
        ...
