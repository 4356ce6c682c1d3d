"""Objects copied by the store itself, of any size, and brought back from classes that cannot be read."""

from collections.abc import Mapping
from datetime import timedelta

import urllib3
from minio import Minio
from minio.commonconfig import REPLACE, ComposeSource, CopySource
from minio.error import S3Error

from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.ports.storage import Location

LARGEST_COPY_BYTES = 5 * 1024**3
"""What S3 copies in one request; above it an object is copied in parts."""
_SMALLEST_PART_BYTES = 5 * 1024**2
_META = "x-amz-meta-"
_FROZEN = frozenset({"InvalidObjectState", "ObjectNotInActiveTierError"})
"""What S3 says of a part, and of a whole object, that has to be brought back before it can be copied."""
_THAWED_DAYS = 3
_LINK_S = 60
_THAW = (
    '<RestoreRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    f"<Days>{_THAWED_DAYS}</Days><GlacierJobParameters><Tier>Standard</Tier></GlacierJobParameters>"
    "</RestoreRequest>"
)
_ASKED = (200, 202, 409)
"""409: it is being brought back already."""


class Copying:
    """`slow` waits minutes for an answer: a store may copy for long before it says anything. `http` is its pool."""

    def __init__(
        self, slow: Minio, http: urllib3.PoolManager, largest_copy_bytes: int = LARGEST_COPY_BYTES
    ) -> None:
        self._slow, self._http, self._largest_copy_bytes = slow, http, largest_copy_bytes

    def copy(self, source: Location, target: Location, storage_class: str | None) -> None:
        try:
            self._copy(source, target, storage_class)
        except S3Error as e:
            if e.code not in _FROZEN:
                raise
            self._thaw(source)
            raise PartUnavailable(
                "The store is bringing the object back from its storage class.",
                part="minio",
                s3_code=e.code,
            ) from e

    def _copy(self, source: Location, target: Location, storage_class: str | None) -> None:
        found = self._slow.stat_object(source.bucket, source.key)
        size_bytes = found.size or 0
        headers = _kept(found.metadata or {})
        if storage_class:
            headers["x-amz-storage-class"] = storage_class
        if size_bytes > self._largest_copy_bytes:
            parts = [
                ComposeSource(source.bucket, source.key, offset=offset, length=length)
                for offset, length in ranges(size_bytes, self._largest_copy_bytes)
            ]
            self._slow.compose_object(target.bucket, target.key, parts, metadata=headers)
            return
        self._slow.copy_object(
            target.bucket,
            target.key,
            CopySource(source.bucket, source.key),
            metadata=headers,
            metadata_directive=REPLACE,
        )

    def _thaw(self, at: Location) -> None:
        url = self._slow.get_presigned_url(
            "POST", at.bucket, at.key, timedelta(seconds=_LINK_S), extra_query_params={"restore": ""}
        )
        answer = self._http.request("POST", url, body=_THAW)
        if answer.status not in _ASKED:
            raise PartRefused(
                "The object store refused to bring the object back from its storage class.",
                part="minio",
                http_status=answer.status,
            )


def ranges(size_bytes: int, largest_bytes: int) -> list[tuple[int, int]]:
    """Return (offset, length) of parts that the store takes: none over `largest_bytes`, none under 5 MiB."""
    count = -(-size_bytes // largest_bytes)
    part_bytes = max(-(-size_bytes // count), _SMALLEST_PART_BYTES)
    return [(offset, min(part_bytes, size_bytes - offset)) for offset in range(0, size_bytes, part_bytes)]


def _kept(headers: Mapping[str, str]) -> dict[str, str | list[str] | tuple[str]]:
    """Return what goes along with the bytes: a copy in parts, or to another class, starts with none of it."""
    return {
        name: value
        for name, value in headers.items()
        if name.lower().startswith(_META) or name.lower() == "content-type"
    }
