"""What shows that a store has the very bytes that were sent: its own word for them, or they themselves, read back.

An S3 store calls an object by the MD5 of its bytes, or of the MD5s of its parts, unless it encrypts with keys of its own
(SSE-KMS, SSE-C); what it computed of what arrived is compared with what was computed here of what went out. Some stores
call objects otherwise. Those are asked for the object, which takes as long as sending it.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from minio.error import S3Error

from rtcstack.egress.dispatcher.store import Store

_READ_BYTES: Final = 1024 * 1024
_KMS: Final = "aws:kms"


@dataclass(frozen=True, slots=True)
class Sent:
    """Of an object that was sent, in parts or at once."""

    size_bytes: int
    part_bytes: int
    md5s: tuple[bytes, ...]
    """Of each part; of the whole when it is the only one."""
    is_multipart: bool

    @property
    def etag(self) -> str:
        """What stores call it whose names are MD5s."""
        if not self.is_multipart:
            return self.md5s[0].hex()
        return f"{_md5(b''.join(self.md5s)).hex()}-{len(self.md5s)}"


class PartSums:
    """The MD5 of every so many bytes of those that pass by."""

    def __init__(self, part_bytes: int) -> None:
        self._part_bytes = self._left = part_bytes
        self._whole: list[bytes] = []
        self._part = _new_md5()

    def update(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            if not self._left:
                self._whole.append(self._part.digest())
                self._part, self._left = _new_md5(), self._part_bytes
            taken, view = view[: self._left], view[self._left :]
            self._part.update(taken)
            self._left -= len(taken)

    def md5s(self) -> tuple[bytes, ...]:
        """Return those of the parts so far: one at least, the last of what may be less than a part."""
        return (*self._whole, self._part.digest())


class SummedFile(io.FileIO):
    """A file that is read once, from its beginning to its end; `sums` are of what was read."""

    def __init__(self, path: str, part_bytes: int) -> None:
        super().__init__(path)
        self.sums = PartSums(part_bytes)

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self.sums.update(data)
        return data


def has_arrived(store: Store, key: str, sent: Sent, told: str | None) -> bool:
    """Whether what lies under the key are the bytes that were sent. `told` is what the store called it in its answer, None if it
    gave none.

    Of a key that may only put, the store's acknowledgement has to do, if there was one: each part went with a checksum that the
    store holds against what arrives (the signed payload; Content-MD5 over TLS).

    Raises:
        S3Error, MinioException, urllib3's HTTPError: as the client does.
    """
    try:
        return _is_what_was_sent(store, key, sent, told)
    except S3Error as e:
        if e.code == "AccessDenied" and not store.is_ours:
            return told is not None
        raise


def _is_what_was_sent(store: Store, key: str, sent: Sent, told: str | None) -> bool:
    head = store.client.stat_object(store.bucket, key)
    etag = (head.etag or "").strip('"')
    if head.size != sent.size_bytes:
        return False
    if etag == sent.etag or (_is_encrypted(head.metadata or {}) and etag == told):
        return True
    return _read_back(store, key, sent.part_bytes) == sent.md5s


def _is_encrypted(headers: Mapping[str, str]) -> bool:
    """Whether the store says that its name for the object cannot be an MD5: it is held to the one that it gave at first."""
    found = {name.lower(): value for name, value in headers.items()}
    of_kms = found.get("x-amz-server-side-encryption", "").startswith(_KMS)
    return of_kms or "x-amz-server-side-encryption-customer-algorithm" in found


def _read_back(store: Store, key: str, part_bytes: int) -> tuple[bytes, ...]:
    sums = PartSums(part_bytes)
    with store.client.get_object(store.bucket, key) as answer:
        for data in answer.stream(_READ_BYTES):
            sums.update(data)
    return sums.md5s()


def _new_md5() -> "hashlib._Hash":
    return hashlib.md5(usedforsecurity=False)


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
