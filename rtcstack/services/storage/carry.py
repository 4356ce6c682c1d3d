"""Copy one object from a store to another one, and hold the copy against the original."""

import re
from dataclasses import dataclass
from pathlib import Path

from rtcstack.domain.object_key import index_key
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.relocation import Belongings
from rtcstack.errors import ObjectNotFound, PartRefused
from rtcstack.ports.storage import Location, Storage
from rtcstack.services.storage.place import archived_at

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".gz": "application/gzip"}


@dataclass(frozen=True)
class Item:
    source: Location
    target: Location
    sha256: str | None = None
    """What it has to be, where that is known."""
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
        Item(Location(was.bucket, was.object_key), Location(now.bucket, now.object_key))
        for was, now in zip(old.clips, new.clips, strict=True)
    ]
    pictures = [
        Item(Location(before.bucket, was), Location(after.bucket, now), is_needed=False)
        for was, now in zip(_pictures(old), _pictures(new), strict=True)
    ]
    known = before.checksum if before.checksum and _SHA256.match(before.checksum) else None
    return [index, *pictures, *clips, Item(_of(before), _of(after), sha256=known)]


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
    """
    try:
        found = await source.stat(item.source.key, item.source.bucket)
    except ObjectNotFound as e:
        if not item.is_needed:
            return 0
        raise PartRefused(f"{item.source.bucket} does not have {item.source.key}.", part="minio") from e
    if item.sha256 and await _is_there(item, target, found.size_bytes):
        return found.size_bytes
    sha256 = await source.download(item.source, through)
    if item.sha256 and sha256 != item.sha256:
        raise PartRefused(
            f"{item.source.key} in {item.source.bucket} is not what was recorded.", part="minio"
        )
    if item.target.bucket != target.bucket:
        await target.ensure_bucket(item.target.bucket)
    copied = await target.upload(
        through,
        item.target.key,
        content_type=_TYPES.get(through.suffix, "application/octet-stream"),
        metadata=found.metadata,
        bucket=item.target.bucket,
    )
    if copied.size_bytes != found.size_bytes or await target.sha256(item.target) != sha256:
        raise PartRefused(f"The copy {item.target.key} is not the same as the original.", part="minio")
    return found.size_bytes


async def _is_there(item: Item, target: Storage, size_bytes: int) -> bool:
    """Whether an earlier run has copied it, before it was cut off."""
    try:
        copied = await target.stat(item.target.key, item.target.bucket)
    except ObjectNotFound:
        return False
    return copied.size_bytes == size_bytes and await target.sha256(item.target) == item.sha256
