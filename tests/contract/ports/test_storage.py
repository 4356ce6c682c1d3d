"""What services may rely on, held against the fake and the real MinIO alike."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

from rtcstack.adapters.s3.client import client
from rtcstack.adapters.s3.store import S3Storage
from rtcstack.errors import ObjectNotFound, PartRefused
from rtcstack.ports.storage import Location, Storage
from tests.fakes.storage import FakeStorage

_MIB = 1024 * 1024
_COLD = "contract-cold"


@dataclass
class Store:
    storage: Storage
    put: Callable[[str, bytes, dict[str, str]], object]

    def own(self, key: str) -> Location:
        return Location(self.storage.bucket, key)


@pytest.fixture(params=["fake", "real"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "fake":
        fake = FakeStorage()
        yield Store(fake, lambda key, data, metadata: fake.put(key, len(data), metadata))
        return
    request.getfixturevalue("minio_server")
    own = request.getfixturevalue("settings").storage
    keys = {"access_key": own.access_key.get_secret_value(), "secret_key": own.secret_key.get_secret_value()}
    plain = client(own.url, region=own.region, **keys)
    real = S3Storage(
        url=own.url,
        public_url=own.url,
        bucket=own.bucket,
        region=own.region,
        largest_copy_bytes=6 * _MIB,
        **keys,
    )
    yield Store(
        real,
        lambda key, data, metadata: plain.put_object(
            own.bucket, key, io.BytesIO(data), len(data), content_type="video/mp4", metadata=dict(metadata)
        ),
    )
    await real.close()


@pytest.mark.parametrize("size_bytes", [0, 1000, 13 * _MIB])
async def test_a_copy_is_the_same_with_its_metadata_and_outlives_the_original(
    store: Store, size_bytes: int
) -> None:
    """13 MiB are copied in parts here."""
    storage, key = store.storage, f"copied/{size_bytes}.mp4"
    store.put(key, b"x" * size_bytes, {"rtcstack-sha256": "ab", "rtcstack-video": "h264,1280x720,30"})
    for _ in range(2):
        await storage.ensure_bucket(_COLD)
        await storage.copy(store.own(key), Location(_COLD, key))
    digest = await storage.sha256(store.own(key))
    for _ in range(2):
        await storage.delete(store.own(key))
    with pytest.raises(ObjectNotFound):
        await storage.stat(key)
    copied = await storage.stat(key, _COLD)
    assert copied.size_bytes == size_bytes
    assert copied.metadata == {"rtcstack-sha256": "ab", "rtcstack-video": "h264,1280x720,30"}
    assert await storage.sha256(Location(_COLD, key)) == digest


@pytest.mark.parametrize("size_bytes", [0, 1000, 13 * _MIB])
async def test_a_file_is_uploaded_whole_with_its_metadata(
    store: Store, tmp_path: Path, size_bytes: int
) -> None:
    """13 MiB go in parts; a second upload replaces the first."""
    file, key = tmp_path / "clip.mp4", f"uploaded/{size_bytes}.mp4"
    for data in (b"a different one", b"x" * size_bytes):
        file.write_bytes(data)
        confirmed = await store.storage.upload(
            file, key, content_type="video/mp4", metadata={"rtcstack-clip": "clip_1"}
        )
    assert (confirmed.key, confirmed.size_bytes) == (key, size_bytes)
    assert confirmed.metadata == {"rtcstack-clip": "clip_1"}
    assert await store.storage.stat(key) == confirmed


async def test_a_file_can_be_uploaded_to_another_bucket(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"12345")
    await store.storage.ensure_bucket(_COLD)
    await store.storage.upload(file, "other.mp4", content_type="video/mp4", metadata={}, bucket=_COLD)
    assert (await store.storage.stat("other.mp4", _COLD)).size_bytes == 5
    with pytest.raises(ObjectNotFound):
        await store.storage.stat("other.mp4")


async def test_a_download_is_the_bytes_that_were_uploaded(store: Store, tmp_path: Path) -> None:
    file, back = tmp_path / "there.mp4", tmp_path / "back.mp4"
    file.write_bytes(b"there and back" * 200_000)
    await store.storage.upload(file, "down.mp4", content_type="video/mp4", metadata={})
    digest = await store.storage.download(store.own("down.mp4"), back)
    assert back.read_bytes() == file.read_bytes()
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert digest == await store.storage.sha256(store.own("down.mp4"))
    size_bytes = file.stat().st_size
    assert digest == await store.storage.download(store.own("down.mp4"), back, size_bytes)
    for call in (
        store.storage.sha256(store.own("down.mp4"), size_bytes + 1),
        store.storage.download(store.own("down.mp4"), back, size_bytes - 1),
    ):
        with pytest.raises(PartRefused):
            await call
    with pytest.raises(ObjectNotFound):
        await store.storage.download(store.own("nothing.mp4"), back)


@pytest.mark.parametrize("store", ["real"], indirect=True)
async def test_a_source_url_serves_ranges_without_keys(store: Store) -> None:
    store.put("source.mp4", b"0123456789", {})
    await store.storage.ensure_bucket(_COLD)
    await store.storage.copy(store.own("source.mp4"), Location(_COLD, "source.mp4"))
    for url in (
        store.storage.source_url("source.mp4", 60),
        store.storage.source_url("source.mp4", 60, _COLD),
    ):
        answer = await asyncio.to_thread(urllib3.request, "GET", url, headers={"Range": "bytes=2-4"})
        assert (answer.status, answer.data) == (206, b"234")


async def test_what_is_not_there_is_object_not_found(store: Store) -> None:
    storage, nothing = store.storage, Location(store.storage.bucket, "nothing.mp4")
    await storage.ensure_bucket(_COLD)
    for call in (
        storage.stat("nothing.mp4"),
        storage.stat("nothing.mp4", _COLD),
        storage.sha256(nothing),
        storage.copy(nothing, Location(_COLD, "nothing.mp4")),
    ):
        with pytest.raises(ObjectNotFound):
            await call


async def test_a_folder_lists_what_lies_directly_in_it(store: Store) -> None:
    for key in ("listed/b.mp4", "listed/a.mp4", "listed/clips/c.mp4", "listed-too/d.mp4"):
        store.put(key, b"1", {})
    assert list(await store.storage.list_folder("listed/")) == ["listed/a.mp4", "listed/b.mp4"]
    assert list(await store.storage.list_folder("unlisted/")) == []


@pytest.mark.parametrize("store", ["real"], indirect=True)
async def test_the_digest_is_the_bytes(store: Store) -> None:
    store.put("digest.mp4", b"abc", {})
    assert await store.storage.sha256(store.own("digest.mp4")) == hashlib.sha256(b"abc").hexdigest()


async def test_a_list_goes_on_behind_a_key_in_the_order_of_bytes(store: Store) -> None:
    names = ("b/1.mp4", "b/10.mp4", "b/2.mp4", "b/sub/1.mp4", "b~/1.mp4", "bé/1.mp4")
    for size_bytes, name in enumerate(names):
        store.put(f"paged/{name}", b"x" * size_bytes, {})
    store.put("pagee", b"", {})

    async def pages(prefix: str, limit: int) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        after = ""
        while page := await store.storage.list_from(prefix, after, limit):
            found += [(listed.key, listed.size_bytes) for listed in page]
            after = page[-1].key
            if len(page) < limit:
                break
        return found

    whole = [(f"paged/{name}", size_bytes) for size_bytes, name in enumerate(names)]
    for limit in (1, 4, 6, 1000):
        assert await pages("paged/", limit) == whole
    assert await pages("paged/b/", 2) == whole[:4]
    assert await store.storage.list_from("paged/", "paged/zzz", 5) == []
