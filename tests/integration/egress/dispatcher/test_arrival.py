"""The store itself says what has arrived: what is spoilt on the way, or there, is never taken for the file."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from minio import Minio

from rtcstack.egress.dispatcher import uploader
from rtcstack.egress.dispatcher.store import Store
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.ahead import PART_BYTES, Ahead, content, until
from tests.integration.egress.dispatcher.meddler import Meddler, meddling

_WHOLE, _IN_PARTS = 100_000, uploader.PART_BYTES + 100_000


@pytest.fixture
async def between(settings: Settings, bucket: Minio) -> AsyncIterator[tuple[Meddler, Store]]:
    async with meddling(settings, bucket) as both:
        yield both


class _Take:
    """A file, and its upload."""

    def __init__(self, folder: Path, size_bytes: int, target: Store) -> None:
        self.target = target
        self.file, self.key = folder / "a.mp4", f"arrival/{uuid4().hex}.mp4"
        self.content = os.urandom(size_bytes)
        self.file.write_bytes(self.content)

    async def sending(self) -> uploader.Upload:
        sha256 = await uploader.hash_file(self.file)
        return uploader.Upload(self.file, self.key, content_type="video/mp4", metadata={}, sha256=sha256)

    async def upload(self) -> None:
        await (await self.sending()).to(self.target)


@pytest.mark.parametrize("size_bytes", [_WHOLE, _IN_PARTS], ids=["whole", "in parts"])
async def test_what_is_spoilt_on_the_way_is_trouble_that_may_pass(
    between: tuple[Meddler, Store], settings: Settings, bucket: Minio, tmp_path: Path, size_bytes: int
) -> None:
    meddler, target = between
    take = _Take(tmp_path, size_bytes, target)
    meddler.changes_bodies = True
    with pytest.raises(PartUnavailable, match="XAmzContentSHA256Mismatch"):
        await take.upload()
    meddler.changes_bodies = False
    await take.upload()
    assert content(bucket, settings.storage.bucket, take.key) == take.content


@pytest.mark.parametrize("size_bytes", [_WHOLE, _IN_PARTS], ids=["whole", "in parts"])
@pytest.mark.parametrize("how", ["by MD5", "otherwise", "encrypted"])
async def test_another_object_of_that_size_and_metadata_is_not_taken_for_the_file(
    between: tuple[Meddler, Store], tmp_path: Path, size_bytes: int, how: str
) -> None:
    """However the store calls its objects."""
    meddler, target = between
    take = _Take(tmp_path, size_bytes, target)
    meddler.overwrites, meddler.renames, meddler.says_kms = True, how != "by MD5", how == "encrypted"
    with pytest.raises(PartUnavailable, match="otherwise than it was sent"):
        await take.upload()


@pytest.mark.parametrize("size_bytes", [_WHOLE, _IN_PARTS], ids=["whole", "in parts"])
async def test_a_store_that_does_not_call_objects_by_their_md5_is_asked_for_them(
    between: tuple[Meddler, Store], tmp_path: Path, size_bytes: int
) -> None:
    meddler, target = between
    take = _Take(tmp_path, size_bytes, target)
    await take.upload()
    assert "GET" not in meddler.asked
    meddler.overwrites, meddler.renames = False, True
    await take.upload()
    assert meddler.asked.count("GET") == 1


async def test_a_store_that_encrypts_with_keys_of_its_own_is_held_to_its_first_word(
    between: tuple[Meddler, Store], tmp_path: Path
) -> None:
    meddler, target = between
    take = _Take(tmp_path, _WHOLE, target)
    meddler.renames = meddler.says_kms = True
    await take.upload()
    assert "GET" not in meddler.asked


async def test_what_was_sent_is_not_sent_again_because_it_could_not_be_looked_at(
    between: tuple[Meddler, Store], settings: Settings, bucket: Minio, tmp_path: Path
) -> None:
    meddler, target = between
    take = _Take(tmp_path, _WHOLE, target)
    sending = await take.sending()
    meddler.fails_to_read = True
    for _ in range(2):
        with pytest.raises(PartUnavailable):
            await sending.to(target)
    meddler.fails_to_read = False
    await sending.to(target)
    assert meddler.asked.count("PUT") == 1
    assert content(bucket, settings.storage.bucket, take.key) == take.content


async def test_what_the_store_took_and_lost_is_sent_again(
    between: tuple[Meddler, Store], settings: Settings, bucket: Minio, tmp_path: Path
) -> None:
    meddler, target = between
    take = _Take(tmp_path, _WHOLE, target)
    sending = await take.sending()
    meddler.fails_to_read = True
    for _ in range(3):  # however long it could not be looked at
        with pytest.raises(PartUnavailable):
            await sending.to(target)
    bucket.remove_object(settings.storage.bucket, take.key)
    meddler.fails_to_read = False
    with pytest.raises(PartUnavailable, match="otherwise than it was sent"):
        await sending.to(target)
    await sending.to(target)
    assert content(bucket, settings.storage.bucket, take.key) == take.content


async def test_what_the_client_does_not_send_is_refused(
    between: tuple[Meddler, Store], tmp_path: Path
) -> None:
    _, target = between
    (tmp_path / "a.mp4").write_bytes(b"x")
    sending = uploader.Upload(
        tmp_path / "a.mp4", "arrival/a.mp4", content_type="video/mp4", metadata={"a:b": "c"}, sha256="0"
    )
    with pytest.raises(PartRefused, match="cannot be asked for"):
        await sending.to(target)


async def test_what_is_not_what_was_sent_is_sent_again(
    between: tuple[Meddler, Store], settings: Settings, bucket: Minio, tmp_path: Path
) -> None:
    meddler, target = between
    take = _Take(tmp_path, _WHOLE, target)
    sending = await take.sending()
    meddler.overwrites = True
    with pytest.raises(PartUnavailable, match="otherwise than it was sent"):
        await sending.to(target)
    meddler.overwrites = False
    await sending.to(target)
    assert content(bucket, settings.storage.bucket, take.key) == take.content


async def test_a_recording_stays_in_the_spool_until_it_has_arrived(
    between: tuple[Meddler, Store], settings: Settings, bucket: Minio, tmp_path: Path
) -> None:
    meddler, target = between
    ahead = Ahead.make(tmp_path / "spool", f"arrival/{uuid4().hex}.mp4", settings, target)
    ahead.part.grow(PART_BYTES)
    ahead.part.end()
    recorded = ahead.part.file.read_bytes()
    meddler.overwrites = True
    delivering = asyncio.create_task(ahead.deliver())
    await until(lambda: meddler.asked.count("HEAD") > 1, "a second try")
    assert not delivering.done()
    assert ahead.folder.parts()[0].read_bytes() == recorded
    meddler.overwrites = False
    stored = await delivering
    assert stored.size_bytes == len(recorded)
    assert content(bucket, settings.storage.bucket, ahead.order.object_key) == recorded
