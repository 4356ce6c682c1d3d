"""What does not agree is mended from the spool, or told."""

import json

import pytest

from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording
from rtcstack.repositories import parts
from rtcstack.services.ready_jobs import ReadyJobs
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import COLD, run
from tests.unit.services.verifying import DIGEST, FILM, recorded, store, verify


@pytest.mark.parametrize("damage", [b"the f1lm", b"short", None])
async def test_it_is_mended_while_the_recorder_has_its_file(world: World, damage: bytes | None) -> None:
    recording = await recorded(world)
    world.storage.objects.clear()
    if damage is not None:
        store(world, recording, damage)
    folder = world.settings.spool_path / str(recording.egress_id)
    folder.mkdir(parents=True)
    (folder / "recording.mp4").write_bytes(FILM)
    await verify(world)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (world.clock.now_ms(), None)
    assert world.storage.contents[recording.object_key] == FILM
    metadata = world.storage.objects[recording.object_key].metadata
    assert (metadata["rtcstack-sha256"], metadata["rtcstack-video"]) == (DIGEST, "h264")


async def test_the_file_may_be_that_of_a_later_egress(world: World) -> None:
    recording = await recorded(world)
    world.storage.objects.clear()
    async with world.db.transaction() as tx:
        await parts.link_egress(tx, recording.id, "EG_later", "complete", 3)
    folder = world.settings.spool_path / "EG_later"
    folder.mkdir(parents=True)
    (folder / "recording.mp4").write_bytes(FILM)
    await verify(world)
    assert (await world.recording(recording.id)).verified_at_ms is not None


async def test_an_archived_one_is_mended_where_it_belongs(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, FILM)
    await world.recording_archive.archive(TENANT, recording.id)
    await run(world, JobKind.ARCHIVE)
    world.storage.others[COLD].clear()
    folder = world.settings.spool_path / str(recording.egress_id)
    folder.mkdir(parents=True)
    (folder / "recording.mp4").write_bytes(FILM)
    await verify(world)
    assert (await world.recording(recording.id)).verified_at_ms is not None
    assert recording.object_key in world.storage.others[COLD]
    assert recording.object_key not in world.storage.objects


async def test_a_file_in_the_spool_that_is_another_mends_nothing(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, b"the f1lm")
    folder = world.settings.spool_path / str(recording.egress_id)
    folder.mkdir(parents=True)
    (folder / "recording.mp4").write_bytes(b"something else")
    await verify(world)
    assert "upload" not in world.storage.calls
    assert (await world.recording(recording.id)).verify_error is not None


async def test_what_does_not_agree_is_told_once(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, b"short")
    await verify(world)
    await _again(world, recording)
    assert await world.told("recording.unverified") == 1
    row = await world.db.find("SELECT body FROM outbox WHERE event = 'recording.unverified'")
    assert row is not None
    data = json.loads(row["body"])["data"]
    assert (data["recording_id"], data["status"]) == (recording.id, "complete")
    assert data["error"] == "the object has 5 bytes, the recorder wrote 8"
    store(world, recording, b"the f1lm")
    await _again(world, recording)
    assert await world.told("recording.unverified") == 2
    store(world, recording, FILM)
    await _again(world, recording)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (world.clock.now_ms(), None)
    assert await world.told("recording.unverified") == 2


async def _again(world: World, recording: Recording) -> None:
    async with world.db.transaction() as tx:
        await ReadyJobs(world.clock, [JobKind.VERIFY]).queue(tx, recording.id)
    assert await verify(world)


async def test_of_a_deleted_one_nothing_is_read_and_nothing_told(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, b"short")
    await world.recording_delete.delete(TENANT, recording.id)
    assert await verify(world)
    assert not await verify(world)
    assert "sha256" not in world.storage.calls
    assert await world.told("recording.unverified") == 0
