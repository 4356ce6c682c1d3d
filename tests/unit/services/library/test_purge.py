"""Deleted recordings keep their data, and count for it, until a retention that is set has run out."""

from dataclasses import replace

import pytest

from rtcstack.domain.job import JobKind
from rtcstack.domain.object_key import index_key, poster_key, sheet_key
from rtcstack.domain.previews import Previews, StoryboardSheet
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.tenant import FOR_EVER
from rtcstack.egress.dispatcher.journal import Closed, Journal, Made
from rtcstack.errors import PartUnavailable, RecordingNotFound, StoreDenied
from rtcstack.repositories import previews
from rtcstack.repositories.recordings import stored_bytes
from tests.unit.services.clips.conftest import ask, cut
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import COLD, failed, ready, run
from tests.unit.services.storage.conftest import Owner

_DAY_S = 24 * 3600


@pytest.fixture
def kept_a_week(world: World) -> World:
    """The same world, its services with a retention of seven days."""
    return replace(world, environ={"RTCSTACK_RECORDINGS__DELETED_RETENTION_DAYS": "7"})


async def _ready(world: World, room_id: str = "room-abc") -> Recording:
    """Return a recording of 1000 bytes with which nothing is to be done."""
    recording = await ready(world, room_id)
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE jobs SET state = 'done' WHERE recording_id = :id", id=recording.id)
    return recording


async def _deleted(world: World, room_id: str = "room-abc") -> Recording:
    """Return one that was deleted now, with everything that may lie beside it."""
    recording = await _ready(world, room_id)
    key = recording.object_key
    sheets = (StoryboardSheet(sheet_key(key, 1), 2, 4),)
    for beside in (index_key(key), poster_key(key), sheets[0].key):
        world.storage.put(beside, 5)
    async with world.db.transaction() as tx:
        await previews.put(tx, Previews(recording.id, poster_key(key), 160, 90, 1000, sheets, 0))
    await world.recording_delete.delete(TENANT, recording.id)
    return recording


async def _purge(world: World) -> int:
    """Purge all that is due; return how many were."""
    purged = 0
    while await world.recording_purge.queue_due():
        while await run(world, JobKind.PURGE):
            purged += 1
    return purged


async def test_what_was_deleted_long_enough_ago_is_purged_and_stays_unknown(kept_a_week: World) -> None:
    world = kept_a_week
    recording = await _deleted(world)
    stays = await _ready(world, "another")
    world.clock.advance(7 * _DAY_S - 1)
    assert await _purge(world) == 0
    assert recording.object_key in world.storage.objects
    world.clock.advance(2)
    told = await world.count("outbox")
    assert await _purge(world) == 1
    assert set(world.storage.objects) == {stays.object_key}
    assert await world.count("outbox") == told
    with pytest.raises(RecordingNotFound):
        await world.recording_query.get(TENANT, recording.id)
    world.storage.put(recording.object_key, 1000)
    assert (await world.recording_sync.sync(TENANT, recording.room_id)).imported == []
    assert await _purge(world) == 0


async def test_without_a_retention_nothing_is_purged_ever(world: World) -> None:
    recording = await _deleted(world)
    world.clock.advance(100 * 365 * _DAY_S)
    assert await _purge(world) == 0
    assert recording.object_key in world.storage.objects


@pytest.mark.parametrize(
    ("own_days", "purged_after_days"), [(None, 7), (2, 2), (0, 0), (30, 30), (FOR_EVER, None)]
)
async def test_a_tenant_may_have_a_retention_of_its_own(
    kept_a_week: World, own_days: int | None, purged_after_days: int | None
) -> None:
    world = kept_a_week
    await _deleted(world)
    await world.access.set_retention(TENANT, own_days)
    if purged_after_days:
        world.clock.advance(purged_after_days * _DAY_S - 1)
        assert await _purge(world) == 0
    world.clock.advance(2 if purged_after_days is not None else 9999 * _DAY_S)
    assert await _purge(world) == int(purged_after_days is not None)


async def test_a_retention_that_is_set_meanwhile_counts(kept_a_week: World) -> None:
    world = kept_a_week
    await _deleted(world)
    world.clock.advance(8 * _DAY_S)
    assert await world.recording_purge.queue_due()
    await world.access.set_retention(TENANT, FOR_EVER)
    assert await run(world, JobKind.PURGE)
    assert world.storage.objects


async def test_without_one_of_the_appliance_a_tenants_own_counts(world: World) -> None:
    await _deleted(world)
    await world.access.set_retention(TENANT, 1)
    world.clock.advance(2 * _DAY_S)
    assert await _purge(world) == 1


async def test_bytes_count_until_they_are_gone(kept_a_week: World) -> None:
    world = kept_a_week
    await _deleted(world)
    assert await stored_bytes(world.db, TENANT) == 1000
    world.clock.advance(8 * _DAY_S)
    await _purge(world)
    assert await stored_bytes(world.db, TENANT) == 0


async def test_an_archived_one_is_purged_from_the_archive(kept_a_week: World) -> None:
    world = kept_a_week
    recording = await _ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    await run(world, JobKind.ARCHIVE)
    assert recording.object_key in world.storage.others[COLD]
    await world.recording_delete.delete(TENANT, recording.id)
    world.clock.advance(8 * _DAY_S)
    assert await _purge(world) == 1
    assert world.storage.others[COLD] == {}


async def test_one_that_is_being_moved_is_purged_after_its_move(kept_a_week: World) -> None:
    world = kept_a_week
    recording = await _ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    await world.recording_delete.delete(TENANT, recording.id)
    world.clock.advance(8 * _DAY_S)
    assert await world.recording_purge.queue_due()
    assert await run(world, JobKind.PURGE)
    assert recording.object_key in world.storage.objects
    assert await run(world, JobKind.ARCHIVE)
    world.clock.advance(3600)
    assert await run(world, JobKind.PURGE)
    assert world.storage.others[COLD] == {}


async def test_what_is_not_at_its_end_is_left(kept_a_week: World) -> None:
    world = kept_a_week
    recording = await _deleted(world)
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE recordings SET state = 'processing'")
    world.clock.advance(8 * _DAY_S)
    assert await _purge(world) == 0
    assert (await world.recording(recording.id)).state is RecordingState.PROCESSING


@pytest.mark.parametrize("nth", range(1, 5))
async def test_it_is_taken_up_again_wherever_it_was_cut_off(kept_a_week: World, nth: int) -> None:
    world = kept_a_week
    await _deleted(world)
    world.clock.advance(8 * _DAY_S)
    world.storage.fail_at("delete", PartUnavailable("down", part="minio"), nth)
    assert await world.recording_purge.queue_due()
    assert await run(world, JobKind.PURGE)
    assert world.storage.objects
    assert await stored_bytes(world.db, TENANT) == 1000
    world.clock.advance(10)
    assert await run(world, JobKind.PURGE)
    assert world.storage.objects == {}
    assert await stored_bytes(world.db, TENANT) == 0


async def test_a_key_that_may_not_delete_is_tried_again_the_day_after(kept_a_week: World) -> None:
    world = kept_a_week
    await _deleted(world)
    world.clock.advance(8 * _DAY_S)
    world.storage.fail_at("delete", StoreDenied("Access Denied.", part="minio"))
    assert await _purge(world) == 1
    assert world.storage.objects
    world.clock.advance(_DAY_S - 1)
    assert not await world.recording_purge.queue_due()
    world.clock.advance(2)
    assert await _purge(world) == 1
    assert world.storage.objects == {}


async def test_a_retention_that_was_unset_since_keeps_what_was_queued(kept_a_week: World) -> None:
    recording = await _deleted(kept_a_week)
    kept_a_week.clock.advance(8 * _DAY_S)
    assert await kept_a_week.recording_purge.queue_due()
    for_ever = replace(kept_a_week, environ={})
    assert await run(for_ever, JobKind.PURGE)
    assert recording.object_key in kept_a_week.storage.objects


@pytest.mark.parametrize("is_made", [True, False])
async def test_what_a_worker_gave_up_goes_with_it(kept_a_week: World, *, is_made: bool) -> None:
    world = kept_a_week
    recording = await failed(world)
    folder = world.settings.spool_path / (recording.egress_id or "")
    folder.mkdir(parents=True)
    (folder / ("recording.mp4" if is_made else "part-1.mp4")).write_bytes(b"media")
    for entry in (Made({"rtcstack-sha256": "ab"}, 1000), Closed()) if is_made else (Closed(),):
        await Journal(folder / "journal.jsonl").append(entry)
    await world.recording_delete.delete(TENANT, recording.id)
    world.clock.advance(8 * _DAY_S)
    assert await _purge(world) == 1
    assert not folder.exists()


async def test_its_clips_go_with_it_and_count_until_then(kept_a_week: World) -> None:
    world = kept_a_week
    recording = await _ready(world)
    clip, gone = await ask(world, recording), await ask(world, recording)
    assert await cut(world)
    assert await cut(world)
    size = len(world.storage.contents[clip.object_key])
    await world.clip_delete.delete(TENANT, gone.id)
    assert await cut(world)
    await world.recording_delete.delete(TENANT, recording.id)
    assert await stored_bytes(world.db, TENANT) == 1000 + size
    world.clock.advance(8 * _DAY_S)
    assert await _purge(world) == 1
    assert world.storage.objects == {}
    assert await stored_bytes(world.db, TENANT) == 0


async def test_what_lies_in_a_tenants_bucket_is_purged_there(kept_a_week: World) -> None:
    world, owner = kept_a_week, Owner(kept_a_week)
    await owner.uses()
    recording = await owner.recorded("room-abc", owner.store())
    world.storage.put(recording.object_key, 1)  # another's, under the same key
    await world.recording_delete.delete(TENANT, recording.id)
    world.clock.advance(8 * _DAY_S)
    assert await _purge(world) == 1
    assert owner.store().objects == {}
    assert set(world.storage.objects) == {recording.object_key}
