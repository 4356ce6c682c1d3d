"""Recordings from before there was verification, and those whose bucket may be read only now, get their jobs late."""

import pytest

from rtcstack.domain.job import JobKind
from rtcstack.errors import PartUnavailable, StoreDenied
from rtcstack.ports.storage import Permissions
from rtcstack.repositories import after_care
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import processing, ready
from tests.unit.services.storage.conftest import Owner


async def _count(world: World, kind: JobKind) -> int:
    row = await world.db.find(
        "SELECT count(*) AS n FROM jobs WHERE state = 'pending' AND kind = :kind", kind=kind
    )
    assert row is not None
    return int(row["n"])


async def _forget(world: World) -> None:
    """Have all recordings be as they were before there were such jobs."""
    async with world.db.transaction() as tx:
        await tx.execute("DELETE FROM jobs")
        await tx.execute("UPDATE recordings SET jobs_queued_at_ms = NULL")


async def _work(world: World) -> None:
    for kind in (JobKind.VERIFY, JobKind.PREVIEWS):
        while await world.media_jobs[kind].run_next():
            pass


async def test_those_of_before_get_them_a_few_at_a_time_and_once(world: World) -> None:
    made = [await ready(world, f"room-{n}") for n in range(6)]
    await _forget(world)
    assert await world.late_jobs.queue_some() is False
    assert await _count(world, JobKind.VERIFY) == await _count(world, JobKind.PREVIEWS) == 4
    await world.late_jobs.queue_some()  # as many as may wait do
    assert await _count(world, JobKind.VERIFY) == 4
    await _work(world)
    await world.late_jobs.queue_some()
    assert await _count(world, JobKind.VERIFY) == 2
    await _work(world)
    await world.late_jobs.queue_some()
    assert await _count(world, JobKind.VERIFY) == 0
    for recording in made:
        assert (await world.recording(recording.id)).verified_at_ms is not None
        await world.recording_previews.get(TENANT, recording.id)


async def test_while_the_store_is_away_no_more_are_added(world: World) -> None:
    for n in range(6):
        await ready(world, f"room-{n}")
    await _forget(world)
    await world.late_jobs.queue_some()
    for _ in range(30):
        for name in ("stat", "sha256"):
            world.storage.fail_at(name, PartUnavailable("down", part="minio"))
        await world.media_jobs[JobKind.VERIFY].run_next()
        world.clock.advance(10)
        await world.late_jobs.queue_some()
    assert await _count(world, JobKind.VERIFY) == 4


async def test_what_is_new_deleted_or_not_ready_gets_none_late(world: World) -> None:
    await ready(world, "new")
    deleted = await ready(world, "deleted")
    await processing(world, "processing")
    await world.recording_delete.delete(TENANT, deleted.id)
    await _work(world)
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE recordings SET jobs_queued_at_ms = NULL WHERE id = :id", id=deleted.id)
    await world.late_jobs.queue_some()
    assert await _count(world, JobKind.VERIFY) == await _count(world, JobKind.PREVIEWS) == 0


@pytest.mark.parametrize("is_set_anew", [True, False])
async def test_a_bucket_whose_key_reads_now_is_read(world: World, is_set_anew: bool) -> None:
    owner = Owner(world)
    world.opener.permissions = Permissions(may_read=False, may_delete=False)
    await owner.uses()
    owner.store().may_read = False
    recording = await processing(world)
    await world.finalize.finalize(recording.id)
    await _work(world)
    await world.late_jobs.queue_some()
    assert await _count(world, JobKind.VERIFY) == 0
    assert (await world.recording(recording.id)).verified_at_ms is None

    world.clock.advance(60)
    world.opener.permissions = Permissions(may_read=True, may_delete=False)
    owner.store().may_read = True
    owner.store().put(recording.object_key, 1000)
    await (owner.uses() if is_set_anew else world.storage_settings.test(TENANT))
    world.clock.advance(60)
    await world.late_jobs.queue_some()
    await _work(world)
    assert (await world.recording(recording.id)).verified_at_ms == world.clock.now_ms()
    await world.recording_previews.get(TENANT, recording.id)
    assert await after_care.list_unread(world.db, 9) == []


async def test_a_job_that_waits_for_its_store_asks_again_once_the_keys_were_set(world: World) -> None:
    owner = Owner(world)
    await owner.uses()
    recording = await processing(world)
    owner.store().put(recording.object_key, 1000)
    await world.finalize.finalize(recording.id)
    owner.store().fail_at("stat", StoreDenied("Access Denied.", part="minio"))
    assert await world.media_jobs[JobKind.VERIFY].run_next()
    world.clock.advance(1)
    await owner.uses()
    assert not await world.media_jobs[JobKind.VERIFY].run_next()
    await world.late_jobs.queue_some()
    assert await world.media_jobs[JobKind.VERIFY].run_next()
    assert (await world.recording(recording.id)).verified_at_ms is not None


async def test_what_is_looked_for_is_found_by_an_index(world: World) -> None:
    for text in (after_care._WITHOUT, after_care._UNREAD):
        rows = await world.db.all(f"EXPLAIN QUERY PLAN {text}", limit=4)
        steps = [row["detail"] for row in rows if " r " in row["detail"] or "recordings" in row["detail"]]
        assert steps
        assert all("recordings_without_jobs" in step or "recordings_unverified" in step for step in steps), (
            steps
        )
