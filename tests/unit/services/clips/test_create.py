"""What may be asked for: labels, ranges, and the state of the recording (the table of spec/api.md)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from rtcstack.domain.clip import ClipState
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import Conflict, Invalid, PartUnavailable, RecordingNotFound
from tests.unit.services.clips.conftest import ask, clip_of, running
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import COLD, failed, processing, ready, run


async def test_a_clip_is_answered_at_once_and_its_key_lies_beside_the_recording(world: World) -> None:
    recording = await ready(world)
    clip = await ask(world, recording, 1.25, 2.5, label="Key moment!")
    assert (clip.state, clip.label, clip.start_s, clip.end_s) == (
        ClipState.PROCESSING,
        "Key moment!",
        1.25,
        2.5,
    )
    assert clip.object_key == f"room-abc/clips/key-moment-{clip.id}.mp4"
    assert (clip.bucket, clip.storage_id) == (recording.bucket, None)
    assert clip == await clip_of(world, clip.id)


async def _stopped(world: World) -> Recording:
    await running(world, for_s=30)
    return await world.stop.stop(TENANT, "room-abc")  # type: ignore[no-any-return]


@pytest.mark.parametrize("make", [running, _stopped, processing, ready])
async def test_clips_of_what_runs_was_stopped_or_is_ready_are_taken(
    world: World, make: Callable[[World], Awaitable[Recording]]
) -> None:
    recording = await make(world)
    assert (await ask(world, recording, 10, 20)).state is ClipState.PROCESSING


async def _in_state(world: World, state: RecordingState) -> str:
    recording = await world.started()
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE recordings SET state = :s WHERE id = :id", s=state, id=recording.id)
    return str(recording.id)


@pytest.mark.parametrize("state", [RecordingState.QUEUED, RecordingState.STARTING])
async def test_what_has_not_begun_is_refused(world: World, state: RecordingState) -> None:
    recording_id = await _in_state(world, state)
    with pytest.raises(Conflict) as caught:
        await ask(world, await world.recording(recording_id))
    assert caught.value.word == "recording_not_begun"


async def test_a_failed_one_is_refused_with_its_reason(world: World) -> None:
    with pytest.raises(Conflict, match="Recording failed: the encoder died"):
        await ask(world, await failed(world))


async def test_an_unknown_a_deleted_and_another_tenants_one_are_not_found(world: World) -> None:
    recording = await ready(world)
    with pytest.raises(RecordingNotFound):
        await world.clip_create.create("acme", recording.id, label="x", start_s=0, end_s=1, mode="reencode")
    await world.recording_delete.delete(TENANT, recording.id)
    for unknown in (recording, replace(recording, id="rec_none")):
        with pytest.raises(RecordingNotFound):
            await ask(world, unknown)
    assert await world.count("clips") == 0


async def test_the_range_lies_within_the_recording(world: World) -> None:
    recording = await ready(world)  # of 60 seconds
    await ask(world, recording, 59.9, 60.5)
    for start_s, end_s in ((0, 61.5), (60, 60.5), (1e300, 1e308)):
        with pytest.raises(Invalid):
            await ask(world, recording, start_s, end_s)


async def test_of_a_running_one_the_end_may_lie_a_little_ahead(world: World) -> None:
    recording = await running(world, for_s=20)
    await ask(world, recording, 15, 29)
    with pytest.raises(Invalid, match=r"So far the recording is 20\.000 seconds long"):
        await ask(world, recording, 15, 31)


async def test_a_clip_has_a_greatest_length_and_a_recording_a_number_of_clips(world: World) -> None:
    recording = await ready(world)
    limited = replace(
        world, environ={"RTCSTACK_CLIPS__MAX_SECONDS": "10", "RTCSTACK_CLIPS__MAX_PER_RECORDING": "2"}
    )
    with pytest.raises(Invalid, match="10 seconds at most"):
        await ask(limited, recording, 0, 10.5)
    first = await ask(limited, recording)
    await ask(limited, recording)
    with pytest.raises(Conflict, match="may have 2 clips"):
        await ask(limited, recording)
    await limited.clip_delete.delete(TENANT, first.id)
    await ask(limited, recording)


async def test_a_tenant_whose_bytes_are_used_up_gets_no_clips(world: World) -> None:
    recording = await ready(world)
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE tenants SET plan = 'free'")
        await tx.execute("UPDATE recordings SET size_bytes = 1000000000000000")
    with pytest.raises(Conflict) as caught:
        await ask(world, recording)
    assert caught.value.word == "quota_reached"


async def test_an_archived_one_is_taken_while_it_can_be_read(world: World) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    await ask(world, recording)  # it has not moved yet
    await run(world, JobKind.ARCHIVE)
    await ask(world, recording)
    cold = world.storage.others[COLD]
    cold[recording.object_key] = replace(cold[recording.object_key], storage_class="GLACIER")
    with pytest.raises(Conflict, match="restore"):
        await ask(world, recording)
    cold[recording.object_key] = replace(cold[recording.object_key], is_thawed=True)
    await ask(world, recording)
    world.storage.fail_next(PartUnavailable("down", part="minio"))
    with pytest.raises(PartUnavailable):
        await ask(world, recording)
    cold.clear()
    with pytest.raises(Conflict) as gone:
        await ask(world, recording)
    assert gone.value.word == "file_missing"
