"""Archived at once, moved by a job that may die at any step, brought back the same way."""

import pytest
from structlog.testing import capture_logs

from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import RecordingState, Transfer
from rtcstack.errors import Conflict, Invalid, PartRefused, PartUnavailable, RecordingNotFound
from rtcstack.repositories import jobs
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import COLD, processing, ready, run

_STEPS = ("stat", "ensure_bucket", "copy", "sha256", "delete")


async def test_a_recording_is_archived_at_once_and_its_object_moves_then(world: World) -> None:
    recording = await ready(world)
    archived = await world.recording_archive.archive(TENANT, recording.id)
    assert (archived.state, archived.transfer) == (RecordingState.ARCHIVED, Transfer.PENDING)
    assert archived.archived_at_ms == world.clock.now_ms()
    assert list(world.storage.objects) == [recording.object_key]
    with capture_logs() as logged:
        assert await run(world, JobKind.ARCHIVE)
    [line] = [one for one in logged if one["event"] == "recording moved"]
    assert (line["tenant"], line["room_id"], line["bucket"]) == (TENANT, recording.room_id, COLD)
    assert (await world.recording(recording.id)).transfer is Transfer.DONE
    assert (list(world.storage.objects), list(world.storage.others[COLD])) == ([], [recording.object_key])
    assert not await run(world, JobKind.ARCHIVE)


async def test_what_is_restored_is_ready_again_with_its_object(world: World) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    await run(world, JobKind.ARCHIVE)
    for _ in range(2):  # asked for twice, done once
        pending = await world.recording_archive.restore(TENANT, recording.id)
        assert (pending.state, pending.transfer) == (RecordingState.ARCHIVED, Transfer.PENDING)
    assert await run(world, JobKind.RESTORE)
    assert not await run(world, JobKind.RESTORE)
    back = await world.recording(recording.id)
    assert (back.state, back.transfer, back.archived_at_ms, back.cold_bucket) == (
        RecordingState.READY,
        Transfer.DONE,
        None,
        None,
    )
    assert (list(world.storage.objects), world.storage.others[COLD]) == ([recording.object_key], {})
    assert (await world.told(), await world.told("recording.complete")) == (1, 1)


@pytest.mark.parametrize("kind", [JobKind.ARCHIVE, JobKind.RESTORE])
@pytest.mark.parametrize("step", _STEPS)
async def test_trouble_at_any_step_loses_nothing_and_is_tried_again(
    world: World, step: str, kind: JobKind
) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    if kind is JobKind.RESTORE:
        await run(world, JobKind.ARCHIVE)
        await world.recording_archive.restore(TENANT, recording.id)
    world.storage.fail_at(step, PartUnavailable("down", part="minio"))
    assert await run(world, kind)
    held = [*world.storage.objects, *world.storage.others.get(COLD, {})]
    assert recording.object_key in held
    assert (await world.recording(recording.id)).transfer is Transfer.PENDING
    assert not await run(world, kind)
    world.clock.advance(2)
    assert await run(world, kind)
    there, gone = world.storage.others[COLD], world.storage.objects
    if kind is JobKind.RESTORE:
        there, gone = gone, there
    assert (list(there), gone) == ([recording.object_key], {})
    assert (await world.recording(recording.id)).transfer is Transfer.DONE


class _Killed(BaseException):
    """The process ends here: nothing after it runs, nothing is handled."""


@pytest.mark.parametrize("kind", [JobKind.ARCHIVE, JobKind.RESTORE])
@pytest.mark.parametrize("step", _STEPS)
async def test_a_process_that_is_killed_at_any_step_is_followed_by_one_that_ends_the_work(
    world: World, step: str, kind: JobKind
) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    if kind is JobKind.RESTORE:
        await run(world, JobKind.ARCHIVE)
        await world.recording_archive.restore(TENANT, recording.id)
    world.storage.fail_at(step, _Killed())
    with pytest.raises(_Killed):
        await run(world, kind)
    assert not await run(world, kind)  # its lease still stands
    world.clock.advance(61)
    assert await run(world, kind)
    there = world.storage.others[COLD] if kind is JobKind.ARCHIVE else world.storage.objects
    assert [*world.storage.objects, *world.storage.others[COLD]] == list(there) == [recording.object_key]
    assert (await world.recording(recording.id)).transfer is Transfer.DONE


async def test_a_process_that_died_after_the_last_step_is_followed_by_one_that_finds_it_done(
    world: World,
) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    world.storage.others[COLD] = {recording.object_key: world.storage.objects.pop(recording.object_key)}
    assert await run(world, JobKind.ARCHIVE)
    assert (await world.recording(recording.id)).transfer is Transfer.DONE


async def test_a_copy_that_differs_leaves_the_original_and_says_so(world: World) -> None:
    recording = await ready(world)
    world.storage.spoils_copies = True
    await world.recording_archive.archive(TENANT, recording.id)
    await run(world, JobKind.ARCHIVE)
    assert (await world.recording(recording.id)).transfer is Transfer.FAILED
    assert list(world.storage.objects) == [recording.object_key]
    details = await world.catalog.details(TENANT, recording.id)
    assert "the original stays" in (details.transfer_error or "")
    await world.recording_archive.restore(TENANT, recording.id)


async def test_a_store_that_refuses_fails_the_transfer_and_restore_is_the_way_back(world: World) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    world.storage.fail_at("ensure_bucket", PartRefused("Access Denied.", part="minio"))
    await run(world, JobKind.ARCHIVE)
    assert (await world.recording(recording.id)).transfer is Transfer.FAILED
    await world.recording_archive.restore(TENANT, recording.id)
    await run(world, JobKind.RESTORE)
    assert (await world.recording(recording.id)).state is RecordingState.READY
    assert list(world.storage.objects) == [recording.object_key]


async def test_who_lost_the_lease_deletes_nothing(world: World) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)

    async def taken_over() -> None:
        world.clock.advance(61)
        async with world.db.transaction() as tx:
            now_ms = world.clock.now_ms()
            assert await jobs.claim(tx, JobKind.ARCHIVE, now_ms, now_ms + 60_000)

    world.storage.after_copy = taken_over
    await run(world, JobKind.ARCHIVE)
    assert "delete" not in world.storage.calls
    assert (await world.recording(recording.id)).transfer is Transfer.PENDING


async def test_only_a_ready_one_with_its_object_in_the_primary_store_is_archived(world: World) -> None:
    unready = await processing(world, "unready")
    gone = await ready(world, "gone")
    del world.storage.objects[gone.object_key]
    twice = await ready(world, "twice")
    await world.recording_archive.archive(TENANT, twice.id)
    for recording in (unready, gone, twice):
        with pytest.raises(Invalid, match="Recording is not in ready status or not stored in R2"):
            await world.recording_archive.archive(TENANT, recording.id)
    with pytest.raises(RecordingNotFound):
        await world.recording_archive.archive("acme", twice.id)


async def test_only_an_archived_one_that_has_arrived_is_restored(world: World) -> None:
    recording = await ready(world)
    with pytest.raises(Conflict, match="not archived"):
        await world.recording_archive.restore(TENANT, recording.id)
    await world.recording_archive.archive(TENANT, recording.id)
    with pytest.raises(Conflict, match="still being moved"):
        await world.recording_archive.restore(TENANT, recording.id)
