import pytest

from rtcstack.cli.storage import with_bar
from rtcstack.domain.clip import Clip, ClipState
from rtcstack.domain.job import JobKind
from rtcstack.domain.previews import Previews, StoryboardSheet
from rtcstack.domain.recording import Recording
from rtcstack.errors import Conflict, NotFound, PartUnavailable
from rtcstack.ids import new_id
from rtcstack.ports.storage import Permissions
from rtcstack.repositories import clips, jobs, previews
from rtcstack.services.storage.move import Moved
from tests.fakes.storage import FakeStorage
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library import conftest as library
from tests.unit.services.storage.conftest import Owner


class Killed(BaseException):
    """The process is gone."""


async def _move(world: World, *, delete_originals: bool = False) -> Moved:
    seen: list[int] = []
    done: Moved = await world.storage_move.move(
        TENANT, lambda _, size_bytes: seen.append(size_bytes), delete_originals=delete_originals
    )
    assert sum(seen) == done.bytes
    return done


async def _add_clip(world: World, recording: Recording, store: FakeStorage) -> Clip:
    key = f"{recording.room_id}/clips/goal-clip_1.mp4"
    store.fill(key, b"a goal")
    clip = Clip(
        id="clip_1",
        tenant_id=TENANT,
        recording_id=recording.id,
        label="goal",
        start_s=0,
        end_s=1,
        mode="smart",
        state=ClipState.PROCESSING,
        bucket=recording.bucket,
        object_key=key,
        created_at_ms=1,
        storage_id=recording.storage_id,
    )
    async with world.db.transaction() as tx:
        await clips.add(tx, clip)
        await clips.complete(tx, clip.id, size_bytes=6, duration_ms=1000, now_ms=2)
    return clip


async def _add_previews(world: World, recording: Recording, store: FakeStorage) -> None:
    stem = recording.object_key.removesuffix(".mp4")
    sheets = (StoryboardSheet(f"{stem}.storyboard-1.jpg", 5, 20),)
    for key in (f"{stem}.poster.jpg", sheets[0].key):
        store.fill(key, key.encode())
    async with world.db.transaction() as tx:
        await previews.put(tx, Previews(recording.id, f"{stem}.poster.jpg", 160, 90, 5000, sheets, 1))


async def test_everything_of_a_recording_moves_and_is_found_there(world: World, owner: Owner) -> None:
    recording = await owner.recorded("room-abc", world.storage, b"the whole film")
    clip = await _add_clip(world, recording, world.storage)
    await _add_previews(world, recording, world.storage)
    own = await owner.uses(prefix="relay")
    plan = await world.storage_move.plan(TENANT)
    assert (plan.recordings, plan.bytes, plan.bucket) == (1, 14, "acme-1")
    before = dict(world.storage.objects)
    done = await _move(world)
    assert (done.recordings, done.deleted, done.is_all) == (1, 0, True)
    assert world.storage.objects == before
    store = owner.store()
    assert {f"relay/{key}" for key in before} == store.objects.keys()
    for key, found in before.items():
        assert store.contents[f"relay/{key}"] == world.storage.contents[key]
        assert store.objects[f"relay/{key}"].metadata == found.metadata
    moved = await world.recording(recording.id)
    assert (moved.storage_id, moved.bucket) == (own.id, "acme-1")
    assert moved.object_key == f"relay/{recording.object_key}"
    now = await clips.find(world.db, clip.id)
    assert now is not None
    assert (now.storage_id, now.object_key) == (own.id, f"relay/{clip.object_key}")
    shown = await previews.find(world.db, recording.id)
    assert shown is not None
    assert shown.poster_key.startswith("relay/room-abc/")
    assert shown.sheets[0].key.startswith("relay/room-abc/")
    assert (await _move(world)).recordings == 0


async def test_the_bar_counts_recordings_and_tells_all_bytes(
    world: World, owner: Owner, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = await owner.recorded("room-abc", world.storage, b"the whole film")
    await _add_clip(world, recording, world.storage)
    await owner.recorded("room-def", world.storage, b"another")
    await owner.uses(prefix="relay")
    done = await with_bar(world.storage_move, TENANT, delete_originals=False)
    told = capsys.readouterr().err
    assert "2/2" in told
    assert f"{done.bytes} bytes" in told


async def test_originals_go_only_when_that_is_asked_for_also_those_of_earlier_runs(
    world: World, owner: Owner
) -> None:
    await owner.recorded("room-1", world.storage)
    await owner.uses()
    await _move(world)
    await owner.recorded("room-2", owner.store())
    assert len(world.storage.objects) == 2
    done = await _move(world, delete_originals=True)
    assert (done.recordings, done.deleted, world.storage.objects) == (0, 2, {})
    assert len(owner.store().objects) == 4
    assert (await _move(world, delete_originals=True)).deleted == 0


async def test_there_and_back_again_loses_nothing(world: World, owner: Owner) -> None:
    recording = await owner.recorded("room-1", world.storage)
    await owner.uses()
    await _move(world)
    await world.storage_settings.delete(TENANT)
    done = await _move(world, delete_originals=True)
    assert done.recordings == 1
    back = await world.recording(recording.id)
    assert (back.storage_id, back.object_key) == (None, recording.object_key)
    assert recording.object_key in world.storage.objects
    assert owner.store().objects == {}


@pytest.mark.parametrize("step", ["stat", "upload", "sha256"])
@pytest.mark.parametrize("nth", [1, 2, 3])
async def test_a_killed_run_is_taken_up_by_the_next(world: World, owner: Owner, step: str, nth: int) -> None:
    made = [await owner.recorded(f"room-{n}", world.storage, bytes([n]) * 10) for n in range(3)]
    await owner.uses()
    store = owner.store()
    store.fail_at(step, Killed(), nth)
    with pytest.raises(Killed):
        await _move(world)
    for recording in made:  # each is whole where its row says that it is
        now = await world.recording(recording.id)
        place = store if now.storage_id else world.storage
        assert place.contents[now.object_key] == world.storage.contents[recording.object_key]
    done = await _move(world, delete_originals=True)
    assert done.is_all
    assert world.storage.objects == {}
    assert len(store.objects) == 6
    assert list((world.spool / "tmp").iterdir()) == []


async def test_an_archived_one_stays_archived(world: World, owner: Owner) -> None:
    recording = await owner.recorded("room-abc", world.storage)
    await world.recording_archive.archive(TENANT, recording.id)
    await library.run(world, JobKind.ARCHIVE)
    await owner.uses(prefix="relay")
    assert (await _move(world, delete_originals=True)).is_all
    name = recording.object_key.rpartition("/")[2]
    assert f"relay/_archive/room-abc/{name}" in owner.store().objects
    await world.recording_archive.restore(TENANT, recording.id)
    assert await library.run(world, JobKind.RESTORE)
    assert f"relay/room-abc/{name}" in owner.store().objects
    assert world.storage.others == {library.COLD: {}}


async def test_what_is_being_worked_on_is_left_for_the_next_run(world: World, owner: Owner) -> None:
    recording = await owner.recorded("room-1", world.storage)
    await world.started("room-2")
    await owner.uses()
    async with world.db.transaction() as tx:
        await jobs.add(tx, new_id("job", 1), JobKind.VERIFY, recording.id, 1)
    done = await _move(world)
    assert (done.recordings, done.busy, done.unfinished, done.is_all) == (0, 1, 1, False)
    assert owner.store().objects == {}


async def test_a_recording_that_changes_meanwhile_is_not_switched(world: World, owner: Owner) -> None:
    recording = await owner.recorded("room-1", world.storage)
    await owner.uses()

    async def deleted_now() -> None:
        owner.store().before_upload = None
        await world.recording_delete.delete(TENANT, recording.id)

    owner.store().before_upload = deleted_now
    done = await _move(world, delete_originals=True)
    assert (done.recordings, done.busy) == (0, 1)
    assert (await world.recording(recording.id)).storage_id is None
    assert recording.object_key in world.storage.objects


async def test_an_original_that_is_not_what_was_recorded_stays_and_is_named(
    world: World, owner: Owner
) -> None:
    bad = await owner.recorded("room-1", world.storage)
    gone = await owner.recorded("room-2", world.storage)
    await owner.recorded("room-3", world.storage)
    world.storage.fill(bad.object_key, b"a flip")
    del world.storage.objects[gone.object_key]
    await owner.uses()
    done = await _move(world)
    assert done.recordings == 1
    assert [failure.partition(":")[0] for failure in done.failures] == [bad.id, gone.id]
    assert "not what was recorded" in done.failures[0]


async def test_a_store_that_does_not_answer_ends_the_run(world: World, owner: Owner) -> None:
    for n in range(5):
        await owner.recorded(f"room-{n}", world.storage)
    await owner.uses()
    for nth in range(1, 4):
        owner.store().fail_at("upload", PartUnavailable("gone", part="minio"), nth)
    with pytest.raises(PartUnavailable):
        await _move(world)
    assert world.storage.objects.keys()


async def test_a_key_that_may_not_read_is_no_place_to_move_to(world: World, owner: Owner) -> None:
    await owner.recorded("room-1", world.storage)
    world.opener.permissions = Permissions(may_read=False, may_delete=False)
    await owner.uses()
    with pytest.raises(Conflict):
        await world.storage_move.plan(TENANT)


async def test_an_unknown_tenant_is_named(world: World) -> None:
    with pytest.raises(NotFound, match="nobody"):
        await world.storage_move.plan("nobody")


async def test_two_runs_for_one_tenant_do_not_get_into_each_others_way(world: World, owner: Owner) -> None:
    await owner.recorded("room-1", world.storage)
    await owner.uses()

    async def another_run() -> None:
        owner.store().before_upload = None
        with pytest.raises(Conflict) as refused:
            await _move(world)
        assert refused.value.word == "move_running"

    owner.store().before_upload = another_run
    assert (await _move(world)).is_all
