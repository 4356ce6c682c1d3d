"""The job: from whichever place the recording is in, once, whatever dies in between."""

import asyncio

import pytest
from structlog.testing import capture_logs

from rtcstack.domain.clip import ClipState
from rtcstack.domain.job import JobKind
from rtcstack.errors import Invalid, ObjectNotFound, PartRefused, PartUnavailable
from tests.unit.services.clips.conftest import ask, clip_of, cut, events, running, spool
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import ready, run


async def test_a_clip_is_cut_uploaded_and_told(world: World) -> None:
    recording = await ready(world)
    async with world.db.transaction() as tx:
        await tx.execute("""UPDATE rooms SET metadata = '{"a":1}'""")
    clip = await ask(world, recording, 10.5, 20)
    world.clock.advance(3)
    with capture_logs() as logged:
        assert await cut(world)
    [line] = [one for one in logged if one["event"] == "clip ready"]
    about = (line["tenant"], line["room_id"], line["recording_id"], line["clip_id"])
    assert about == (TENANT, recording.room_id, recording.id, clip.id)
    assert not await cut(world)
    done = await clip_of(world, clip.id)
    assert (done.state, done.progress, done.duration_ms, done.size_bytes) == (ClipState.COMPLETE, 1, 9500, 12)
    assert world.storage.contents[done.object_key] == b"10.5 to 20.0"
    stored = world.storage.objects[done.object_key]
    assert stored.metadata["rtcstack-clip"] == clip.id
    [told] = await events(world, "clip.ready")
    assert told == {
        "clip_id": clip.id,
        "recording_id": recording.id,
        "label": "key-moment",
        "start_seconds": 10.5,
        "end_seconds": 20,
        "status": "complete",
        "bucket_path": done.object_key,
        "created_at": "2024-04-21T10:00:00.000Z",
        "completed_at": "2024-04-21T10:00:03.000Z",
        "metadata": {"a": 1},
    }
    [(source, start_s, end_s, mode)] = world.media.cuts
    assert (start_s, end_s, mode) == (10.5, 20, "reencode")
    assert source.url is not None
    assert source.index_url is None
    assert list((world.settings.data / "tmp").iterdir()) == []


async def test_the_index_is_used_where_there_is_one_and_the_end_is_that_of_the_recording(
    world: World,
) -> None:
    recording = await ready(world)
    world.storage.put("room-abc/2024-04-21T10-00-00.index.json.gz", 10)
    await ask(world, recording, 50, 60.9, mode="smart")
    await cut(world)
    [(source, _, end_s, mode)] = world.media.cuts
    assert "index.json.gz" in (source.index_url or "")
    assert (end_s, mode) == (60, "smart")


async def test_clips_of_a_running_one_are_cut_from_the_spool_as_soon_as_it_is_as_far(world: World) -> None:
    recording = await running(world, for_s=20)
    files = spool(world, recording, parts=2)
    clip = await ask(world, recording, 15, 25)
    assert await cut(world)
    assert world.media.cuts == []
    world.clock.advance(7)
    world.media.fail_next(Invalid("beyond the end", code="invalid_range"))  # the disk is a little behind
    assert await cut(world)
    assert (await clip_of(world, clip.id)).state is ClipState.PROCESSING
    world.clock.advance(3)
    assert await cut(world)
    assert world.media.cuts[0][0].files == files
    assert (await clip_of(world, clip.id)).state is ClipState.COMPLETE


async def test_a_recording_that_falls_ever_further_behind_is_asked_ever_less_often(world: World) -> None:
    recording = await running(world, for_s=20)
    spool(world, recording)
    await ask(world, recording, 15, 20)
    tries = 0
    for _ in range(600):
        world.media.fail_next(Invalid("beyond the end", code="invalid_range"))
        tries += await cut(world)
        world.clock.advance(1)
    assert 40 < tries < 80


async def test_without_its_spool_a_clip_waits_until_the_recording_is_ready(world: World) -> None:
    recording = await running(world, for_s=60)
    clip = await ask(world, recording)
    assert await cut(world)
    assert not await cut(world)
    await world.stop.stop(TENANT, "room-abc")
    world.clock.advance(16)
    assert await cut(world)  # stopping: still not
    assert world.media.cuts == []
    await _become_ready(world, recording.id)
    assert await cut(world)  # at once, not when it would have been looked at again
    assert (await clip_of(world, clip.id)).state is ClipState.COMPLETE


async def _become_ready(world: World, recording_id: str) -> None:
    recording = await world.recording(recording_id)
    async with world.db.transaction() as tx:
        await tx.execute(
            "UPDATE recordings SET state = 'processing', due_at_ms = 1 WHERE id = :i", i=recording_id
        )
    world.storage.put(recording.object_key, 1000)
    await world.finalize.finalize(recording_id)


async def test_an_archived_one_is_read_where_it_lies(world: World) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    await run(world, JobKind.ARCHIVE)
    clip = await ask(world, recording)
    await cut(world)
    assert "/recordings-archive/" in (world.media.cuts[0][0].url or "")
    assert (await clip_of(world, clip.id)).bucket == recording.bucket


async def test_one_that_is_moved_while_it_is_cut_is_cut_again(world: World) -> None:
    recording = await ready(world)
    clip = await ask(world, recording)

    async def archived() -> None:
        await world.recording_archive.archive(TENANT, recording.id)
        await run(world, JobKind.ARCHIVE)
        raise PartRefused("no such object", part="minio")

    world.media.while_cutting = archived
    await cut(world)
    assert (await clip_of(world, clip.id)).state is ClipState.PROCESSING
    world.media.while_cutting = None
    world.clock.advance(3)
    await cut(world)
    assert (await clip_of(world, clip.id)).state is ClipState.COMPLETE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Invalid("The recording ends before.", code="invalid_range"), "invalid_range"),
        (PartRefused("It cannot be decoded.", part="media", code="unreadable_media"), "unreadable_media"),
    ],
)
async def test_what_cannot_be_cut_fails_with_words_and_is_told(
    world: World, error: Invalid | PartRefused, code: str
) -> None:
    clip = await ask(world, await ready(world))
    world.media.fail_next(error)
    await cut(world)
    found = await clip_of(world, clip.id)
    assert (found.state, found.error_code, found.error) == (ClipState.FAILED, code, error.message)
    [told] = await events(world, "clip.failed")
    assert (told["status"], told["bucket_path"], told["completed_at"]) == ("failed", None, None)
    assert told["error"] == error.message
    assert await events(world, "clip.ready") == []


async def test_an_object_that_is_gone_fails_the_clip(world: World) -> None:
    recording = await ready(world)
    clip = await ask(world, recording)
    world.storage.objects.clear()
    await cut(world)
    assert recording.object_key in ((await clip_of(world, clip.id)).error or "")


async def test_a_bucket_that_has_become_read_only_fails_the_clip_in_its_own_words(world: World) -> None:
    clip = await ask(world, await ready(world))
    world.storage.fail_at("upload", PartRefused("Access Denied.", part="minio"))
    await cut(world)
    assert (await clip_of(world, clip.id)).error == "Access Denied."


async def test_a_recording_that_fails_after_all_fails_its_clips(world: World) -> None:
    recording = await running(world)
    clip = await ask(world, recording)
    async with world.db.transaction() as tx:
        await tx.execute(
            "UPDATE recordings SET state = 'failed', error = 'no disk' WHERE id = :i", i=recording.id
        )
    await cut(world)
    assert (await clip_of(world, clip.id)).error == "Recording failed: no disk"


@pytest.mark.parametrize("step", ["stat", "upload"])
async def test_passing_trouble_with_the_store_is_tried_again_but_not_for_ever(
    world: World, step: str
) -> None:
    clip = await ask(world, await ready(world))
    for _ in range(3):
        world.storage.fail_at(step, PartUnavailable("down", part="minio"))
        assert await cut(world)
        assert not await cut(world)
        world.clock.advance(301)
    assert (await clip_of(world, clip.id)).state is ClipState.PROCESSING
    for _ in range(60):
        world.storage.fail_at(step, PartUnavailable("down", part="minio"))
        await cut(world)
        world.clock.advance(301)
    assert (await clip_of(world, clip.id)).error == "down"


async def test_progress_is_written_while_it_is_cut(world: World) -> None:
    clip = await ask(world, await ready(world))
    seen: list[float] = []

    async def look() -> None:
        async with asyncio.timeout(5):
            while not seen or seen[-1] == 0:
                seen.append((await clip_of(world, clip.id)).progress)
                await asyncio.sleep(0.02)

    world.media.while_cutting = look
    await cut(world)
    assert seen[-1] == 0.5


async def test_one_that_is_moved_before_it_is_found_is_cut_where_it_lies_then(world: World) -> None:
    recording = await ready(world)
    clip = await ask(world, recording)
    await world.recording_archive.archive(TENANT, recording.id)
    world.storage.fail_next(ObjectNotFound("no such object", part="minio"))
    assert await cut(world)
    assert (await clip_of(world, clip.id)).state is ClipState.PROCESSING
    assert await run(world, JobKind.ARCHIVE)
    world.clock.advance(2)
    assert await cut(world)
    assert (await clip_of(world, clip.id)).state is ClipState.COMPLETE
