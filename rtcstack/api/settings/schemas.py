from typing import Annotated

import msgspec
from msgspec import Meta

from rtcstack.domain.instant import iso_ms
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.provider import Provider
from rtcstack.services.storage.settings import BucketDraft

MASK = "****"


class StorageRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    bucket: Annotated[str, Meta(min_length=3, max_length=63)]
    access_key_id: Annotated[str, Meta(min_length=1, max_length=256)]
    secret_access_key: Annotated[str, Meta(min_length=1, max_length=1024)]
    region: Annotated[str, Meta(min_length=1, max_length=63)] | None = None
    endpoint: Annotated[str, Meta(min_length=1, max_length=512)] | None = None
    prefix: Annotated[str, Meta(max_length=512)] | None = None
    path_style: bool | None = None

    def to_domain(self) -> BucketDraft:
        return BucketDraft(**msgspec.structs.asdict(self))

    def __repr__(self) -> str:
        """Without the secret: a request may end up in a traceback."""
        return f"StorageRequest(bucket={self.bucket!r}, endpoint={self.endpoint!r})"


class StorageBody(msgspec.Struct, frozen=True):
    """The secret is never shown; `may_read` and `may_delete` are what the last check found."""

    bucket: str
    region: str
    endpoint: str
    prefix: str
    path_style: bool
    provider: Provider
    access_key_id: str
    secret_access_key: str
    may_read: bool
    may_delete: bool
    checked_at: str | None
    updated_at: str

    @classmethod
    def from_domain(cls, bucket: OwnBucket) -> "StorageBody":
        return cls(
            bucket=bucket.bucket,
            region=bucket.region,
            endpoint=bucket.endpoint,
            prefix=bucket.prefix,
            path_style=bucket.path_style,
            provider=bucket.provider,
            access_key_id=bucket.access_key_id,
            secret_access_key=MASK,
            may_read=bucket.may_read,
            may_delete=bucket.may_delete,
            checked_at=iso_ms(bucket.checked_at_ms) if bucket.checked_at_ms is not None else None,
            updated_at=iso_ms(bucket.updated_at_ms),
        )


class StorageDeletedBody(msgspec.Struct, frozen=True):
    deleted: bool
