"""The object store as the services see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Location:
    bucket: str
    key: str


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

    async def stat(self, key: str, bucket: str | None = None) -> StoredObject:
        """Raises `ObjectNotFound`; without a bucket the own one is meant."""
        ...

    async def list_folder(self, prefix: str) -> Sequence[str]:
        """Return the keys in the own bucket that begin with `prefix` and have no `/` after it, in order."""
        ...

    async def ensure_bucket(self, bucket: str) -> None:
        """Make the bucket unless it is there."""
        ...

    async def copy(self, source: Location, target: Location, storage_class: str | None = None) -> None:
        """Have the store copy the object, its metadata too, over whatever is at the target.

        A source in a storage class from which nothing can be read is asked back first.

        Raises:
            ObjectNotFound: there is nothing at the source.
            PartUnavailable: also while the store is bringing the source back; that takes minutes to hours.
        """
        ...

    async def sha256(self, at: Location) -> str:
        """Read the whole object and return the digest of its bytes in hex. Raises `ObjectNotFound`."""
        ...

    async def delete(self, at: Location) -> None:
        """Delete the object; one that is gone already is fine."""
        ...

    async def ping(self) -> None:
        """Return if the store answers and has the bucket."""
        ...

    def presign(self, key: str, ttl_s: int, file_name: str) -> str:
        """Return a link that plays the object, saves it as `file_name`, and expires after `ttl_s` seconds."""
        ...
