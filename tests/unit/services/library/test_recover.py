"""A stalled recording ends in ready, or in failed with a reason."""

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import Conflict, Invalid, PartUnavailable
from rtcstack.ports.storage import StoredObject
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import egress_of, failed, processing, ready, run, stalled, tell

_GONE_S, _PATIENCE_S = 25, 120


async def _run_for(world: World, seconds: int) -> None:
    """Let the job do what it does in that time."""
    for _ in range(seconds):
        world.clock.advance(1)
        await run(world, JobKind.RECOVER)


async def test_a_file_in_the_bucket_makes_it_ready_though_livekit_never_told(world: World) -> None:
    recording = await stalled(world)
    world.storage.put(recording.object_key, 1000, {"rtcstack-duration-ms": "60000"})
    await world.recording_recover.recover(TENANT, recording.id)
    assert await run(world, JobKind.RECOVER)
    found = await world.recording(recording.id)
    assert (found.state, found.size_bytes, found.duration_s) == (RecordingState.READY, 1000, 60)
    assert (await world.told(), await world.told("recording.complete")) == (1, 1)
    await tell(world, egress_of(recording, EgressStatus.COMPLETE))
    assert not await world.finalize.finalize_next()
    assert await world.told() == 1


async def test_what_no_worker_has_any_more_fails_with_the_reason(world: World) -> None:
    recording = await stalled(world)
    world.livekit.egresses.clear()
    await world.recording_recover.recover(TENANT, recording.id)
    await _run_for(world, _GONE_S - 1)
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING
    await _run_for(world, 6)
    found = await world.recording(recording.id)
    assert (found.state, found.error_code) == (RecordingState.FAILED, "not_recovered")
    assert found.error == "The Egress worker that recorded it is gone, and the bucket does not have its file."
    assert (await world.told(), await world.told("recording.failed")) == (1, 1)


async def test_of_a_reported_file_that_nobody_knows_any_more_nothing_is_waited_for(world: World) -> None:
    recording = await processing(world)
    world.livekit.egresses.clear()
    await world.recording_recover.recover(TENANT, recording.id)
    assert await run(world, JobKind.RECOVER)
    found = await world.recording(recording.id)
    assert (found.state, found.error_code) == (RecordingState.FAILED, "not_recovered")
    assert found.error == "LiveKit no longer knows the egress, and the bucket does not have its file."


async def test_one_that_is_gone_but_in_the_bucket_is_ready(world: World) -> None:
    recording = await world.started()
    world.fleet.lose("EG_1")
    world.storage.put(recording.object_key, 1000, {"rtcstack-duration-ms": "60000"})
    for _ in range(6):
        world.clock.advance(10)
        await world.catch_up.run_once()
    assert await run(world, JobKind.RECOVER)
    found = await world.recording(recording.id)
    assert (found.state, found.duration_s) == (RecordingState.READY, 60)
    assert (await world.told(), await world.told("recording.complete")) == (1, 1)


@pytest.mark.parametrize("status", [EgressStatus.ACTIVE, EgressStatus.ENDING])
async def test_what_a_live_worker_has_is_left_to_it_and_told_to_stop_again(
    world: World, status: EgressStatus
) -> None:
    """It came back just before LiveKit's books said that it is ending, or LiveKit was never asked."""
    recording = await stalled(world)
    await tell(world, egress_of(recording, status))
    world.livekit.stops.clear()
    await world.recording_recover.recover(TENANT, recording.id)
    assert await run(world, JobKind.RECOVER)
    assert world.livekit.stops == ["EG_1"]
    world.clock.advance(3600)
    assert not await run(world, JobKind.RECOVER)
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING


async def test_one_that_is_ending_and_whose_worker_is_silent_is_not_taken_for_ended(world: World) -> None:
    """LiveKit says that it cannot be stopped, as of one that has ended."""
    recording = await stalled(world)
    world.livekit.ended_unheard.add("EG_1")
    await world.recording_recover.recover(TENANT, recording.id)
    await _run_for(world, 600)
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING


async def test_a_file_in_the_spool_is_waited_for_two_minutes(world: World) -> None:
    recording = await stalled(world)
    folder = world.settings.spool_path / "EG_1"
    folder.mkdir(parents=True)
    (folder / "part-1.mp4").write_bytes(b"media")
    world.fleet.lose("EG_1")
    await world.recording_recover.recover(TENANT, recording.id)
    await _run_for(world, 115)
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING
    await _run_for(world, 6)
    assert (await world.recording(recording.id)).state is RecordingState.FAILED


async def test_what_is_heard_while_the_store_is_asked_stays(world: World) -> None:
    recording = await stalled(world)
    await tell(world, egress_of(recording, EgressStatus.ENDING))
    world.storage.put(recording.object_key, 1000)
    stat = world.storage.stat

    async def hear(key: str, bucket: str | None = None) -> StoredObject:
        world.storage.stat = stat  # type: ignore[method-assign]
        async with world.db.transaction() as tx:
            await world.egress_events.apply(tx, egress_of(recording, EgressStatus.COMPLETE))
        await world.finalize.finalize(recording.id)
        return await stat(key, bucket)

    world.storage.stat = hear  # type: ignore[method-assign]
    await world.recording_recover.recover(TENANT, recording.id)
    assert await run(world, JobKind.RECOVER)
    found = await world.recording(recording.id)
    assert (found.state, found.duration_s, found.size_bytes) == (RecordingState.READY, 60, 1000)


async def test_while_livekit_does_not_answer_nothing_is_decided(world: World) -> None:
    recording = await stalled(world)
    list_egresses = world.livekit.list_egresses

    async def fail(room_name: str) -> list[object]:
        raise PartUnavailable(f"no answer about {room_name}", part="livekit")

    world.livekit.list_egresses = fail  # type: ignore[assignment]  # fault injection
    world.fleet.lose("EG_1")
    await world.recording_recover.recover(TENANT, recording.id)
    await _run_for(world, 600)
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING
    world.livekit.list_egresses = list_egresses
    await _run_for(world, _GONE_S)
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING
    await _run_for(world, 12)
    assert (await world.recording(recording.id)).state is RecordingState.FAILED


async def test_a_bucket_that_may_not_be_looked_into_does_not_hold_up_the_end(world: World) -> None:
    recording = await stalled(world)
    world.fleet.lose("EG_1")
    world.storage.may_read = False
    await world.recording_recover.recover(TENANT, recording.id)
    await _run_for(world, _GONE_S + 6)
    found = await world.recording(recording.id)
    assert found.state is RecordingState.FAILED
    assert "does not tell whether it has the file: The object store refused" in (found.error or "")


async def test_livekits_own_words_are_the_reason_if_it_has_some(world: World) -> None:
    recording = await stalled(world)
    world.livekit.egresses["EG_1"] = egress_of(recording, EgressStatus.FAILED, "no space left")
    await world.recording_recover.recover(TENANT, recording.id)
    await run(world, JobKind.RECOVER)
    error = (await world.recording(recording.id)).error
    assert error == "The egress failed, and the bucket does not have its file; LiveKit says: no space left"


async def test_a_file_that_is_promised_is_waited_for_but_not_for_ever(world: World) -> None:
    recording = await stalled(world)
    world.fleet.is_hung = True
    await world.recording_recover.recover(TENANT, recording.id)
    await _run_for(world, _PATIENCE_S - 2)
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING
    await _run_for(world, 4)
    found = await world.recording(recording.id)
    assert found.error == "LiveKit says that the egress is ending, and the bucket does not have its file."
    # The recorder comes back after all: the recording is not lost.
    world.storage.put(recording.object_key, 1000)
    await tell(world, egress_of(recording, EgressStatus.COMPLETE))
    await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).state is RecordingState.READY
    assert await world.told("recording.complete") == 1


async def test_trouble_with_the_store_is_waited_out(world: World) -> None:
    recording = await processing(world)
    world.storage.put(recording.object_key, 1000)
    await world.recording_recover.recover(TENANT, recording.id)
    world.storage.fail_at("stat", PartUnavailable("down", part="minio"))
    assert await run(world, JobKind.RECOVER)
    assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
    world.clock.advance(5)
    assert await run(world, JobKind.RECOVER)
    assert (await world.recording(recording.id)).state is RecordingState.READY


async def test_asked_for_often_it_is_looked_for_once_and_not_at_all_if_it_came_by_itself(
    world: World,
) -> None:
    recording = await processing(world)
    for _ in range(3):
        await world.recording_recover.recover(TENANT, recording.id)
    assert await world.count("jobs") == 1
    world.storage.put(recording.object_key, 1000)
    await world.finalize.finalize_next()
    assert await run(world, JobKind.RECOVER)
    assert not await run(world, JobKind.RECOVER)
    assert await world.told() == 1


async def test_asked_for_again_it_is_looked_for_at_once(world: World) -> None:
    recording = await stalled(world)
    world.fleet.is_hung = True
    await world.recording_recover.recover(TENANT, recording.id)
    assert await run(world, JobKind.RECOVER)
    assert not await run(world, JobKind.RECOVER)
    await world.recording_recover.recover(TENANT, recording.id)
    assert await run(world, JobKind.RECOVER)


async def test_only_what_is_processing_with_an_egress_is_recovered(world: World) -> None:
    for recording in (await world.started("active"), await ready(world, "ready"), await failed(world, "f")):
        with pytest.raises(Invalid, match="not in processing status or missing Cloudflare recording ID"):
            await world.recording_recover.recover(TENANT, recording.id)


async def test_retry_takes_up_what_failed_and_is_in_the_bucket_after_all(world: World) -> None:
    recording = await failed(world)
    with pytest.raises(Conflict, match="not in the bucket"):
        await world.recording_retry.retry(TENANT, recording.id)
    world.storage.put(recording.object_key, 1000)
    again = await world.recording_retry.retry(TENANT, recording.id)
    assert (again.state, again.error, again.error_code) == (RecordingState.PROCESSING, None, None)
    await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).state is RecordingState.READY
    assert (await world.told("recording.failed"), await world.told("recording.complete")) == (1, 1)
    with pytest.raises(Conflict, match="not in failed status"):
        await world.recording_retry.retry(TENANT, recording.id)
