"""A ready recording's object is held against what its recorder wrote; what can be mended is."""

import hashlib
from dataclasses import replace

import pytest

from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording
from rtcstack.errors import PartRefused, PartUnavailable, StoreDenied
from rtcstack.ports.storage import StoredObject
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import COLD, ready, run

_FILM = b"the film"
_DIGEST = hashlib.sha256(_FILM).hexdigest()


async def _recorded(world: World, *, first_frame_s: float = -60) -> Recording:
    """Return a ready recording of a minute whose recorder measured its file."""
    recording = await ready(world)
    stopped_at_ms = recording.stopped_at_ms or 0
    async with world.db.transaction() as tx:
        await tx.execute(
            """UPDATE recordings SET checksum = :digest, size_bytes = :size,
                streams = '{"video":"h264","audio":"aac"}' WHERE id = :id""",
            digest=_DIGEST,
            size=len(_FILM),
            id=recording.id,
        )
        await tx.execute(
            "UPDATE recording_parts SET started_at_ms = :at", at=stopped_at_ms + first_frame_s * 1000
        )
    return await world.recording(recording.id)


def _store(world: World, recording: Recording, film: bytes) -> None:
    """Put an object there whose digest is that of these bytes."""
    key, digest = recording.object_key, hashlib.sha256(film).hexdigest()
    world.storage.objects[key] = StoredObject(key, len(film), digest, {})


async def _verify(world: World) -> bool:
    return bool(await world.media_jobs[JobKind.VERIFY].run_next())


async def test_a_whole_object_is_verified(world: World) -> None:
    recording = await _recorded(world)
    _store(world, recording, _FILM)
    world.clock.advance(5)
    assert await _verify(world)
    assert not await _verify(world)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (world.clock.now_ms(), None)


async def test_a_damaged_one_is_reported_with_both_digests(world: World) -> None:
    recording = await _recorded(world)
    _store(world, recording, b"the f1lm")
    await _verify(world)
    found = await world.recording(recording.id)
    assert found.verified_at_ms is None
    assert _DIGEST in (found.verify_error or "")


async def test_one_that_is_gone_is_reported(world: World) -> None:
    recording = await _recorded(world)
    world.storage.objects.clear()
    await _verify(world)
    assert recording.object_key in ((await world.recording(recording.id)).verify_error or "")


@pytest.mark.parametrize("damage", [b"the f1lm", b"short", None])
async def test_it_is_mended_while_the_recorder_has_its_file(world: World, damage: bytes | None) -> None:
    recording = await _recorded(world)
    world.storage.objects.clear()
    if damage is not None:
        _store(world, recording, damage)
    folder = world.settings.spool_path / str(recording.egress_id)
    folder.mkdir(parents=True)
    (folder / "recording.mp4").write_bytes(_FILM)
    await _verify(world)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (world.clock.now_ms(), None)
    assert world.storage.contents[recording.object_key] == _FILM
    metadata = world.storage.objects[recording.object_key].metadata
    assert (metadata["rtcstack-sha256"], metadata["rtcstack-video"]) == (_DIGEST, "h264")


async def test_a_file_in_the_spool_that_is_another_mends_nothing(world: World) -> None:
    recording = await _recorded(world)
    _store(world, recording, b"the f1lm")
    folder = world.settings.spool_path / str(recording.egress_id)
    folder.mkdir(parents=True)
    (folder / "recording.mp4").write_bytes(b"something else")
    await _verify(world)
    assert "upload" not in world.storage.calls
    assert (await world.recording(recording.id)).verify_error is not None


async def test_time_that_is_missing_is_reported(world: World) -> None:
    recording = await _recorded(world, first_frame_s=-90)
    _store(world, recording, _FILM)
    await _verify(world)
    found = await world.recording(recording.id)
    assert found.verify_error == "it lasts 60.0 s, and 90.0 s were recorded"


async def test_trouble_with_the_store_is_waited_out(world: World) -> None:
    recording = await _recorded(world)
    _store(world, recording, _FILM)
    world.storage.fail_at("sha256", PartUnavailable("down", part="minio"))
    assert await _verify(world)
    assert (await world.recording(recording.id)).verify_error is None
    world.clock.advance(2)
    assert await _verify(world)
    assert (await world.recording(recording.id)).verified_at_ms is not None


@pytest.mark.parametrize("kind", [StoreDenied, PartRefused])
async def test_a_refusal_is_waited_out_for_days(world: World, kind: type[PartRefused]) -> None:
    recording = await _recorded(world)
    _store(world, recording, _FILM)
    for _ in range(60):  # hours: more than a job has attempts
        world.storage.fail_at("sha256", kind("Access Denied.", part="minio"))
        assert await _verify(world)
        world.clock.advance(3600)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (None, None)
    assert await _verify(world)
    assert (await world.recording(recording.id)).verified_at_ms == world.clock.now_ms()


async def test_a_refusal_of_a_week_is_reported(world: World) -> None:
    recording = await _recorded(world)
    _store(world, recording, _FILM)
    world.clock.advance(8 * 24 * 3600)
    world.storage.fail_at("sha256", StoreDenied("Access Denied.", part="minio"))
    assert await _verify(world)
    assert not await _verify(world)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (None, "It could not be verified: Access Denied.")


async def test_an_archived_one_is_verified_where_it_lies(world: World) -> None:
    recording = await _recorded(world)
    _store(world, recording, _FILM)
    await world.recording_archive.archive(TENANT, recording.id)
    assert await _verify(world)  # on its way: not now
    assert (await world.recording(recording.id)).verified_at_ms is None
    await run(world, JobKind.ARCHIVE)
    world.clock.advance(61)
    assert await _verify(world)
    assert (await world.recording(recording.id)).verified_at_ms is not None


async def test_one_in_a_class_that_cannot_be_read_is_left_alone(world: World) -> None:
    recording = await _recorded(world)
    _store(world, recording, _FILM)
    await world.recording_archive.archive(TENANT, recording.id)
    await run(world, JobKind.ARCHIVE)
    cold = world.storage.others[COLD]
    cold[recording.object_key] = replace(cold[recording.object_key], storage_class="GLACIER")
    assert await _verify(world)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (None, None)


async def test_what_no_recorder_of_ours_measured_is_verified_without_a_digest(world: World) -> None:
    recording = await ready(world)
    assert await _verify(world)
    assert (await world.recording(recording.id)).verified_at_ms == world.clock.now_ms()
    assert "sha256" not in world.storage.calls
    assert "index" not in world.media.probed[0]


async def test_a_container_that_cannot_be_read_is_reported(world: World) -> None:
    recording = await ready(world)
    world.media.unreadable.add(recording.object_key)
    await _verify(world)
    assert (await world.recording(recording.id)).verify_error == "The recording cannot be decoded."


async def test_a_stream_that_is_missing_is_reported(world: World) -> None:
    recording = await ready(world)
    world.media.streams = {"video": "h264,1280x720,30"}
    await _verify(world)
    assert (await world.recording(recording.id)).verify_error == "it has no audio"
