"""The object store as the services see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
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
    storage_class: str | None = None
    """None is the store's usual one."""
    is_thawed: bool = False
    """Whether the store has brought it back from its class for a while: a copy beside it can be read."""

    @property
    def is_frozen(self) -> bool:
        """Whether it cannot be read until the store has brought it back from its class."""
        return self.storage_class in {"GLACIER", "DEEP_ARCHIVE"} and not self.is_thawed


@dataclass(frozen=True)
class Listed:
    key: str
    size_bytes: int


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

    async def list_from(self, prefix: str, after: str, limit: int) -> Sequence[Listed]:
        """Return the objects of the own bucket whose keys begin with `prefix` and come behind `after`, in the order of
        their bytes: the first `limit`, fewer only if there are no more.
        """
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

    async def upload(
        self,
        file: Path,
        key: str,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        bucket: str | None = None,
    ) -> StoredObject:
        """Put the file there, in parts if it is large, and return what the store confirms to have.

        Names and values of `metadata` are printable ASCII.
        """
        ...

    def source_url(self, key: str, ttl_s: int, bucket: str | None = None) -> str:
        """Return a presigned link for reading from this machine: not for browsers, it may not be reachable for them."""
        ...

    async def download(
        self, at: Location, file: Path, size_bytes: int | None = None, *, like: str | None = None
    ) -> str:
        """Write the object to `file` and return the checksum of its bytes, as `sha256` does.

        Raises:
            ObjectNotFound: it is not there.
            PartRefused: also if it does not have `size_bytes`; then nothing is read.
        """
        ...

    async def sha256(self, at: Location, size_bytes: int | None = None, *, like: str | None = None) -> str:
        """Read the whole object and return the checksum of its bytes: of the kind that `like` is (domain/checksum.py), or
        else their SHA-256 in hex; raises as `download` does.
        """
        ...

    async def delete(self, at: Location) -> None:
        """Delete the object; one that is gone already is fine."""
        ...

    async def ping(self) -> None:
        """Return if the store answers and has the bucket."""
        ...

    def presign(
        self, key: str, ttl_s: int, file_name: str, *, attachment: bool = False, from_s: int | None = None
    ) -> str:
        """Return a link that plays the object, saves it as `file_name`, and expires after `ttl_s` seconds.

        As an `attachment` a browser saves it at once. The seconds count from `from_s` (Unix time, not after now), so that
        the same call makes the same link; from now if it is None.
        """
        ...


@dataclass(frozen=True)
class StoreAccess:
    """How a tenant's bucket is reached, with its secret in the clear: for memory only."""

    endpoint: str
    """`scheme://host[:port]`."""
    region: str
    bucket: str
    path_style: bool
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True)
class Permissions:
    """What a key may do in its bucket besides putting objects into it."""

    may_read: bool
    may_delete: bool


class OwnStorage(Storage, Protocol):
    async def close(self) -> None: ...


class StoreOpener(Protocol):
    """Reaches tenants' buckets. Nothing is connected to that the address guard refuses, whenever it is looked up."""

    def open(self, access: StoreAccess) -> OwnStorage:
        """Does no I/O. Calls that the key may not do raise `StoreDenied`."""
        ...

    async def check(self, access: StoreAccess, key: str, tenant_id: str) -> Permissions:
        """Put a small object under `key`, read it, delete it; it stays where the key may not delete.

        Raises:
            Invalid: it cannot be put, with the store's own words and the `field` that is most likely wrong.
            Conflict: `storage_check_running`, another check for that tenant has not ended yet.
        """
        ...

    async def addresses(self, endpoint: str) -> frozenset[str]:
        """Return the IP addresses that an endpoint's host leads to; none if that cannot be told."""
        ...
