"""What services may rely on, held against the fake and the real MinIO alike."""

import hashlib
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from rtcstack.adapters.s3.store import S3Storage, client
from rtcstack.errors import ObjectNotFound
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
