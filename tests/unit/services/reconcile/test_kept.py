"""Archived recordings and finished clips whose objects are gone or changed."""

from dataclasses import replace

import pytest

from rtcstack.domain.clip import ClipState
from rtcstack.domain.finding import FindingKind
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, Transfer
from rtcstack.errors import PartUnavailable
from rtcstack.ports.storage import StoredObject
from rtcstack.services.reconcile.kept import KeptCheck
from rtcstack.services.reconcile.reconciler import Report
from tests.unit.services.clips.conftest import ask, clip_of, cut
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import COLD, ready, run
from tests.unit.services.reconcile.paging import look_at_all
from tests.unit.services.storage.conftest import Owner

_PATIENCE_S = 20
_MISSING, _MISMATCH = FindingKind.OBJECT_MISSING, FindingKind.SIZE_MISMATCH


async def _archived(world: World, room_id: str = "room-abc") -> Recording:
    recording = await ready(world, room_id)
    async with world.db.transaction() as tx:  # what is queued for each that is ready
        await tx.execute("UPDATE jobs SET state = 'done'")
    await world.recording_archive.archive(TENANT, recording.id)
    await run(world, JobKind.ARCHIVE)
    found = await world.recording(recording.id)
    assert found.transfer is Transfer.DONE
    return found


async def _cut(world: World, recording: Recording) -> tuple[str, str]:
    """Return the id and the key of a clip that is complete."""
    clip = await ask(world, recording)
    while (found := await clip_of(world, clip.id)).state is ClipState.PROCESSING:
        assert await cut(world)
    assert found.state is ClipState.COMPLETE
    return found.id, found.object_key


async def _look(world: World) -> Report:
    report: Report = await world.reconciler.run_now(_PATIENCE_S)
    assert [check.error for check in report.checks if check.error] == []
    return report


async def _found(world: World) -> list[tuple[str, str]]:
    return [(open_.finding.kind, open_.finding.subject) for open_ in (await _look(world)).findings]


async def test_what_is_kept_as_it_was_agrees(world: World) -> None:
    archived = await _archived(world)
    await _cut(world, await ready(world, "cut"))
    report = await _look(world)
    assert report.agrees
    assert {check.name: check.seen for check in report.checks}["kept"] == 2
    await world.recording_delete.delete(TENANT, archived.id)
    assert {check.name: check.seen for check in (await _look(world)).checks}["kept"] == 1


@pytest.mark.parametrize("size_bytes", [None, 999])
async def test_an_archived_ones_object_is_told_once_until_it_is_back(
    world: World, size_bytes: int | None
) -> None:
    recording = await _archived(world)
    shelf = world.storage.others[COLD]
    whole = shelf.pop(recording.object_key)
    if size_bytes is not None:
        shelf[recording.object_key] = replace(whole, size_bytes=size_bytes)
    kind = _MISSING if size_bytes is None else _MISMATCH
    for _ in range(3):
        assert await _found(world) == [(kind, recording.id)]
        await world.media_jobs[JobKind.VERIFY].run_next()
    assert await world.told("recording.unverified") == 1
    [repair] = [entry.details for entry in (await world.reconciler.report()).repairs]
    assert (repair["finding"], repair["subject"]) == (kind, recording.id)

    shelf[recording.object_key] = whole
    assert await _found(world) == []
    assert (await world.reconciler.report()).agrees


async def test_one_whose_move_was_given_up_may_lie_in_either_place(world: World) -> None:
    recording = await _archived(world)
    world.storage.objects[recording.object_key] = world.storage.others[COLD].pop(recording.object_key)
    assert await _found(world) == []


async def test_a_clips_object_is_told_with_the_way_to_have_it_again(world: World) -> None:
    recording = await ready(world)
    clip_id, key = await _cut(world, recording)
    whole = world.storage.objects.pop(key)
    report = await _look(world)
    [found] = [open_.finding for open_ in report.findings]
    assert (found.kind, found.subject, found.object_id, found.mended) == (_MISSING, clip_id, clip_id, None)
    assert "ask for it again" in found.message
    assert key in found.message
    world.storage.objects[key] = replace(whole, size_bytes=whole.size_bytes + 1)
    assert await _found(world) == [(_MISMATCH, clip_id)]
    world.storage.objects[key] = whole
    assert await _found(world) == []


async def test_what_is_moved_or_deleted_while_it_is_looked_for_is_not_told(world: World) -> None:
    recording = await _archived(world)
    clip_id, _ = await _cut(world, await ready(world, "cut"))
    asked = world.storage.stat

    async def meanwhile(key: str, bucket: str | None = None) -> StoredObject:
        world.storage.stat = asked  # type: ignore[method-assign]  # fault injection
        world.storage.objects.clear()
        world.storage.others.clear()
        await world.clip_delete.delete(TENANT, clip_id)
        await world.recording_archive.restore(TENANT, recording.id)
        return await asked(key, bucket)

    world.storage.stat = meanwhile  # type: ignore[method-assign]  # fault injection
    look = await KeptCheck(world.db, world.clock, world.services.stores, None).look("")
    assert (look.seen, look.findings) == (2, [])


async def test_they_are_looked_at_page_by_page_and_what_was_found_before_stands(world: World) -> None:
    archived = [await _archived(world, f"room-{n}") for n in range(3)]
    clips = [await _cut(world, await ready(world, f"cut-{n}")) for n in range(2)]
    world.storage.others[COLD].clear()
    check = KeptCheck(world.db, world.clock, world.services.stores, None, page=2)
    found, looks = await look_at_all(check)
    assert looks == 3
    assert found == sorted(recording.id for recording in archived)
    assert len(clips) == 2


async def test_a_store_that_is_away_settles_nothing(world: World) -> None:
    recording = await _archived(world)
    world.storage.others[COLD].clear()
    assert await _found(world) == [(_MISSING, recording.id)]
    world.storage.fail_at("stat", PartUnavailable("The store is away.", part="minio"))
    report: Report = await world.reconciler.run_now(_PATIENCE_S)
    assert {c.name: c.error for c in report.checks if c.error} == {"kept": "The store is away."}
    assert [open_.finding.subject for open_ in report.findings] == [recording.id]


async def test_a_tenants_bucket_is_looked_at_by_itself(world: World) -> None:
    owner = Owner(world)
    own = await owner.uses(prefix="rtc/")
    store = owner.store()
    recording = await owner.recorded("r", store)
    await world.recording_archive.archive(TENANT, recording.id)
    await run(world, JobKind.ARCHIVE)
    assert await _found(world) == []
    [at] = [key for key in store.objects if "_archive/" in key]
    del store.objects[at]
    [found] = (await _look(world)).findings
    assert (found.check, found.finding.subject) == (f"kept {own.id}", recording.id)
    assert at in found.finding.message
