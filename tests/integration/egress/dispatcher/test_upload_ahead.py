"""A recording's file goes to the store while it is written: what the bucket holds in the end, and what is left to do."""

import hashlib
from pathlib import Path
from uuid import uuid4

import av
import pytest
from livekit.protocol.egress import S3Upload
from minio import Minio

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.s3.store import S3Storage
from rtcstack.domain.checksum import hasher_like
from rtcstack.domain.object_key import index_key
from rtcstack.egress.container.index import unpack_index
from rtcstack.egress.dispatcher import store
from rtcstack.ports.storage import Location
from rtcstack.services.stored_facts import stat_recording
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.ahead import MIB, PART_BYTES, Ahead, Ranges, content, unfinished
from tests.support.growing_part import brightness
from tests.support.own_bucket import FULL, PUT_ONLY, OwnBucket, make_own_bucket


@pytest.fixture
def ahead(settings: Settings, bucket: Minio, tmp_path: Path) -> Ahead:
    del bucket  # only has to run
    return Ahead.make(tmp_path / "spool", f"ahead/{uuid4().hex}.mp4", settings)


async def test_the_object_has_the_bytes_of_the_file_and_its_index_says_where_they_are(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    await ahead.send_while(4 * PART_BYTES + MIB, parts=3)
    assert ahead.sent == [2, 3, 4]
    ahead.part.end()
    whole = ahead.part.file.read_bytes()
    stored = await ahead.deliver()
    name, key = settings.storage.bucket, ahead.order.object_key
    assert content(bucket, name, key) == whole
    assert (bucket.stat_object(name, key).etag or "").endswith("-5")
    assert unfinished(bucket, name, key) == []
    hasher = hasher_like(stored.sha256)
    hasher.update(whole)
    assert hasher.word() == stored.sha256 == f"{stored.sha256[:64]}/{PART_BYTES}"
    index = unpack_index(content(bucket, name, index_key(key)))
    assert [round(frame.pts_ms / 1000, 3) for frame in index.keyframes] == [
        float(second) for second in range(len(index.keyframes))
    ]
    assert index.duration_ms == stored.duration_ms == round(ahead.part.seconds * 1000)
    assert index.read_moov() == whole[index.moov.offset : index.moov.offset + index.moov.size]


async def test_a_player_seeks_in_it_without_reading_what_lies_before(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    await ahead.send_while(3 * PART_BYTES, parts=2)
    ahead.part.end()
    await ahead.deliver()
    reader = Ranges(bucket, settings.storage.bucket, ahead.order.object_key)
    with av.open(reader, "r") as container:
        stream = container.streams.video[0]
        assert stream.frames == ahead.part.ticks
        container.seek(2_000_000)
        picture = next(container.decode(stream))
        assert picture.time == 2.0
        assert abs(int(picture.to_ndarray()[90, 160]) - brightness(60)) <= 2
        assert reader.asked < 6_000_000  # before it lie twelve
        assert sum(1 for _ in container.decode(stream)) == ahead.part.ticks - 61


async def test_whoever_asks_the_store_finds_what_was_not_known_when_the_upload_began(
    ahead: Ahead, settings: Settings
) -> None:
    await ahead.send_while(2 * PART_BYTES, parts=1)
    ahead.part.end()
    stored = await ahead.deliver()
    own = settings.storage
    storage = S3Storage(
        url=own.url,
        public_url=own.url,
        bucket=own.bucket,
        access_key=own.access_key.get_secret_value(),
        secret_key=own.secret_key.get_secret_value(),
        region=own.region,
    )
    found = await stat_recording(storage, ahead.order.object_key)
    assert found.size_bytes == stored.size_bytes
    assert found.metadata["rtcstack-sha256"] == stored.sha256
    assert found.metadata["rtcstack-duration-ms"] == str(stored.duration_ms)
    assert found.metadata["rtcstack-video"] == "h264,320x180,30"
    assert found.metadata["rtcstack-recording"] == "rec_1"
    at = Location(own.bucket, ahead.order.object_key)
    assert await storage.sha256(at, stored.size_bytes, like=stored.sha256) == stored.sha256
    await storage.close()


async def test_a_file_shorter_than_two_parts_goes_when_it_is_closed(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    await ahead.send_while(PART_BYTES + MIB, parts=0)
    assert not ahead.journal.facts.uploads_asked
    ahead.part.end()
    stored = await ahead.deliver()
    whole = ahead.part.file
    assert stored.sha256 == hashlib.sha256(whole.read_bytes()).hexdigest()
    head = bucket.stat_object(settings.storage.bucket, ahead.order.object_key)
    assert (head.metadata or {})["x-amz-meta-rtcstack-sha256"] == stored.sha256


@pytest.mark.parametrize("actions", [PUT_ONLY, FULL], ids=["put-only", "full"])
async def test_a_bucket_whose_key_may_put_takes_it_as_well(
    settings: Settings, bucket: Minio, tmp_path: Path, actions: tuple[str, ...]
) -> None:
    del bucket  # only has to run
    own = make_own_bucket(settings.storage, f"ahead-{uuid4().hex[:8]}", *actions)
    ahead = Ahead.make(tmp_path / "spool", "a.mp4", settings, _store_of(own, settings))
    await ahead.send_while(2 * PART_BYTES, parts=1)
    ahead.part.end()
    await ahead.deliver()
    assert content(own.root, own.name, "a.mp4") == ahead.part.file.read_bytes()
    assert unfinished(own.root, own.name, "a.mp4") == []


async def test_what_the_store_has_thrown_away_goes_whole_though_the_key_may_not_look(
    settings: Settings, bucket: Minio, tmp_path: Path
) -> None:
    """A bucket's rule ends uploads that were begun and not completed; nobody can tell that from one that was."""
    del bucket  # only has to run
    own = make_own_bucket(settings.storage, f"ahead-{uuid4().hex[:8]}", *PUT_ONLY)
    ahead = Ahead.make(tmp_path / "spool", "a.mp4", settings, _store_of(own, settings))
    await ahead.send_while(2 * PART_BYTES, parts=1)
    ahead.part.end()
    await ahead.session.send_rest(await ahead.source(), ahead.part.file)
    (upload_id,) = unfinished(own.root, own.name, "a.mp4")
    own.root._abort_multipart_upload(own.name, "a.mp4", upload_id)
    ahead.restart()
    await ahead.deliver()
    assert content(own.root, own.name, "a.mp4") == ahead.part.file.read_bytes()


def _store_of(own: OwnBucket, settings: Settings) -> store.Store:
    guard = AddressGuard(settings.storage.allow_networks, allow_loopback=True)
    given = S3Upload(
        access_key=own.access_key_id,
        secret=own.secret_access_key,
        bucket=own.name,
        endpoint=own.endpoint,
        region=own.region,
    )
    return store.from_request(given, guard)
