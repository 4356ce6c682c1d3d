"""Copy one object from a store to another one, and hold the copy against the original."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rtcstack.domain.checksum import is_checksum
from rtcstack.domain.object_key import index_key
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.relocation import Belongings
from rtcstack.errors import DiskFull, ObjectNotFound, PartRefused, PartUnavailable
from rtcstack.ports.storage import Location, Storage, StoredObject
from rtcstack.services.storage.place import archived_at

_LARGEST_SIDE_BYTES = 256 * 1024 * 1024
"""Of an index or a picture, whose sizes are not written down."""
_KEPT_FREE_BYTES = 512 * 1024 * 1024
_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".gz": "application/gzip"}


@dataclass(frozen=True)
class Item:
    source: Location
    target: Location
    checksum: str | None = None
    """What it has to be, where that is known."""
    size_bytes: int | None = None
    """The same of its size."""
    is_needed: bool = True
    """Whether a missing one means that something is wrong."""


def items(old: Belongings, new: Belongings) -> list[Item]:
    """Return everything that is to be copied, the recording itself last: with it the rest is there."""
    before, after = old.recording, new.recording
    index = Item(
        Location(before.bucket, index_key(before.object_key)),
        Location(after.bucket, index_key(after.object_key)),
        is_needed=False,
    )
    clips = [
        Item(
            Location(was.bucket, was.object_key),
            Location(now.bucket, now.object_key),
            size_bytes=was.size_bytes,
        )
        for was, now in zip(old.clips, new.clips, strict=True)
    ]
    pictures = [
        Item(Location(before.bucket, was), Location(after.bucket, now), is_needed=False)
        for was, now in zip(_pictures(old), _pictures(new), strict=True)
    ]
    known = before.checksum if is_checksum(before.checksum) else None
    itself = Item(_of(before), _of(after), checksum=known, size_bytes=before.size_bytes)
    return [index, *pictures, *clips, itself]


def _of(recording: Recording) -> Location:
    if recording.state is RecordingState.ARCHIVED:
        return archived_at(recording)
    return Location(recording.bucket, recording.object_key)


def _pictures(what: Belongings) -> list[str]:
    if what.previews is None:
        return []
    return [what.previews.poster_key, *(sheet.key for sheet in what.previews.sheets)]


async def carry(item: Item, source: Storage, target: Storage, through: Path) -> int:
    """Copy it through a file of this machine and return its size; the copy has the same bytes, which is looked at.

    Raises:
        PartRefused: the original is missing, or is not what was recorded; or the copy is not the original.
        PartUnavailable: a store does not answer.
        DiskFull: this machine has no room for it.
    """
    with _named(item.source.bucket):
        try:
            found = await source.stat(item.source.key, item.source.bucket)
        except ObjectNotFound as e:
            if not item.is_needed:
                return 0
            raise PartRefused(f"it does not have {item.source.key}.", part="minio") from e
    _check_size(item, found.size_bytes)
    if item.checksum and await _is_there(item, target, found.size_bytes):
        return found.size_bytes
    await asyncio.to_thread(_check_room, through, found.size_bytes)
    with _named(item.source.bucket):
        checksum = await source.download(item.source, through, found.size_bytes, like=item.checksum)
    if item.checksum and checksum != item.checksum:
        raise PartRefused(
            f"{item.source.key} in {item.source.bucket} is not what was recorded.", part="minio"
        )
    with _named(item.target.bucket):
        await _put(item, target, through, found, checksum)
    return found.size_bytes


async def _put(item: Item, target: Storage, file: Path, original: StoredObject, checksum: str) -> None:
    if item.target.bucket != target.bucket:
        await target.ensure_bucket(item.target.bucket)
    copied = await target.upload(
        file,
        item.target.key,
        content_type=_TYPES.get(file.suffix, "application/octet-stream"),
        metadata=original.metadata,
        bucket=item.target.bucket,
    )
    size_bytes = copied.size_bytes
    found = await target.sha256(item.target, size_bytes, like=checksum)
    if size_bytes != original.size_bytes or found != checksum:
        raise PartRefused(f"the copy {item.target.key} is not the same as the original.", part="minio")


@contextmanager
def _named(bucket: str) -> Iterator[None]:
    """Say which of the two buckets it is that refuses or does not answer."""
    try:
        yield
    except (PartRefused, PartUnavailable) as e:
        raise type(e)(f"{bucket}: {e.message}", **e.details) from e


async def _is_there(item: Item, target: Storage, size_bytes: int) -> bool:
    """Whether an earlier run has copied it, before it was cut off."""
    try:
        copied = await target.stat(item.target.key, item.target.bucket)
    except ObjectNotFound:
        return False
    if copied.size_bytes != size_bytes:
        return False
    return await target.sha256(item.target, size_bytes, like=item.checksum) == item.checksum


def _check_size(item: Item, found_bytes: int) -> None:
    """Raises `PartRefused` for what is not worth fetching, or has no end."""
    most_bytes = _LARGEST_SIDE_BYTES if item.size_bytes is None and not item.is_needed else found_bytes
    if item.size_bytes not in {None, found_bytes} or found_bytes > most_bytes:
        raise PartRefused(
            f"{item.source.key} in {item.source.bucket} has {found_bytes} bytes, and is not what was recorded.",
            part="minio",
        )


def _check_room(through: Path, size_bytes: int) -> None:
    """The database and running recordings want what is left."""
    free_bytes = shutil.disk_usage(through.parent).free
    if free_bytes - size_bytes < _KEPT_FREE_BYTES:
        raise DiskFull(
            f"It passes through this machine, and its {size_bytes} bytes would leave less than"
            f" {_KEPT_FREE_BYTES >> 20} MiB free in {through.parent}."
        )
