"""An S3 multipart upload, call by call: begun, given its parts in any order, completed and confirmed, or aborted.

Blocking: they run in threads of their own, so that a store that hangs holds up neither the journals nor the uploads of
finished files. The client has public calls for whole files only, so its own ones are used; its version is pinned.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from minio.datatypes import Part
from minio.error import S3Error
from minio.helpers import genheaders

from rtcstack.egress.dispatcher.arrival import Sent, has_arrived
from rtcstack.egress.dispatcher.journal import PartSent
from rtcstack.egress.dispatcher.store import Store
from rtcstack.errors import PartUnavailable, RtcError

_ours: Final = ThreadPoolExecutor(4, thread_name_prefix="upload-ahead")
_others: Final = ThreadPoolExecutor(4, thread_name_prefix="upload-ahead-other")
_GONE: Final = frozenset(
    {"NoSuchUpload", "NoSuchBucket", "NoSuchKey", "InvalidPart", "InvalidPartOrder", "EntityTooSmall"}
)


def threads(store: Store) -> ThreadPoolExecutor:
    """Return those that wait for the store: one of somebody else's that hangs does not hold up ours."""
    return _ours if store.is_ours else _others


class UploadGone(RtcError):
    """The store does not have this upload any more, or not as it was sent: another one has to be begun."""

    code = "upload_gone"


def begin(store: Store, key: str, content_type: str, metadata: dict[str, str]) -> str:
    """Return the id of a new upload; make the bucket if it is missing and ours.

    Raises:
        S3Error, MinioException, urllib3's HTTPError: as the client does, here and below.
    """
    headers = genheaders(dict(metadata), None, None, None, legal_hold=False)
    headers["Content-Type"] = content_type
    create = store.client._create_multipart_upload  # noqa: SLF001 - see above
    try:
        return create(store.bucket, key, dict(headers))
    except S3Error as e:
        if e.code != "NoSuchBucket" or not store.is_ours:
            raise
        store.client.make_bucket(store.bucket, location=store.region)
        return create(store.bucket, key, dict(headers))


def put(store: Store, key: str, upload_id: str, number: int, data: bytes) -> PartSent:
    """Send one part. The store verifies the bytes on arrival, by the signed payload or over TLS by their MD5.

    Raises:
        UploadGone: it does not know the upload.
    """
    with _gone():
        etag = store.client._upload_part(store.bucket, key, data, None, upload_id, number)  # noqa: SLF001 - see above
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return PartSent(number, etag, md5, hashlib.sha256(data).hexdigest())


def complete(store: Store, key: str, upload_id: str, parts: Sequence[PartSent], sent: Sent) -> None:
    """Have the store put the parts together; when this returns, it has confirmed size and content.

    Raises:
        UploadGone: it does not have the upload, nor what it would have become.
        PartUnavailable: it did not say that it did it.
    """
    named = [Part(part.number, part.etag) for part in parts]
    try:
        done = store.client._complete_multipart_upload(store.bucket, key, upload_id, named)  # noqa: SLF001 - see above
    except S3Error as e:
        if e.code != "NoSuchUpload":
            with _gone():
                raise
        _confirm(
            store, key, sent, None
        )  # done before, and the answer was lost; or the upload was thrown away
        return
    told = (done.etag or "").strip('"')
    if not told:  # a failure that the store noticed after it had said 200
        raise PartUnavailable(f"the store did not complete {store.bucket}/{key}", part="minio")
    _confirm(store, key, sent, told)


def abort(store: Store, key: str, upload_id: str | None) -> None:
    """Leave nothing unfinished under the key: not this upload, nor in a bucket of ours one whose id never arrived."""
    found = _unfinished(store, key) if store.is_ours else []
    for each in {*found, *([upload_id] if upload_id else [])}:
        with contextlib.suppress(UploadGone), _gone():
            store.client._abort_multipart_upload(store.bucket, key, each)  # noqa: SLF001 - see above


def _unfinished(store: Store, key: str) -> list[str]:
    try:
        listed = store.client._list_multipart_uploads(store.bucket, prefix=key)  # noqa: SLF001 - see above
    except S3Error as e:
        if e.code in {"AccessDenied", "NoSuchBucket", "NotImplemented"}:
            return []
        raise
    return [upload.upload_id for upload in listed.uploads if upload.object_name == key and upload.upload_id]


def _confirm(store: Store, key: str, sent: Sent, told: str | None) -> None:
    with _gone():
        is_there = has_arrived(store, key, sent, told)
    if not is_there:
        raise UploadGone(f"the store holds {store.bucket}/{key} otherwise than it was sent", part="minio")


@contextlib.contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except S3Error as e:
        if e.code in _GONE:
            raise UploadGone(f"the store has no such upload: {e.message} ({e.code})", part="minio") from e
        raise
