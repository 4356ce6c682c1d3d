"""What each field of a tenant's storage means, for the OpenAPI document."""

from collections.abc import Mapping
from typing import Final

_UTC: Final = "ISO 8601 in UTC, to the millisecond"

FIELDS: Final[Mapping[str, str]] = {
    "bucket": "The bucket's name.",
    "access_key_id": "The key's public part.",
    "StorageRequest.secret_access_key": "The key's secret part; it is sealed at once and never shown.",
    "StorageRequest.region": "Required for Amazon S3; otherwise read from the endpoint, or `us-east-1`.",
    "StorageRequest.endpoint": "The store's address, `https://…`; none is needed for Amazon S3.",
    "StorageRequest.prefix": "Folders before those of the rooms; none unless given.",
    "StorageRequest.path_style": "`true` asks for `host/bucket`, `false` for `bucket.host`; Amazon gets the second, others the "
    "first, unless given.",
    "StorageBody.secret_access_key": "Always `****`.",
    "StorageBody.region": "What requests are signed for.",
    "StorageBody.endpoint": "The store's address.",
    "StorageBody.prefix": "Folders before those of the rooms; empty if there are none.",
    "StorageBody.path_style": "`true` asks for `host/bucket`, `false` for `bucket.host`.",
    "StorageBody.may_read": "Whether the key may read: without it there are no downloads, clips and previews.",
    "StorageBody.may_delete": "Whether the key may delete: without it there is no archive, and nothing is purged.",
    "StorageBody.checked_at": f"When bucket and key were last tried: {_UTC}; null if they never were.",
    "StorageBody.updated_at": f"When they were last set: {_UTC}.",
    "StorageDeletedBody.deleted": "Always true.",
    "provider": "Whose store it is, by the endpoint.",
}
