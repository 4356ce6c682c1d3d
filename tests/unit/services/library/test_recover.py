"""A stalled recording ends in ready, or in failed with a reason."""

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import Conflict, Invalid, PartUnavailable
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import egress_of, failed, processing, ready, run, stalled, tell


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


async def test_what_nobody_knows_any_more_fails_with_the_reason(world: World) -> None:
    recording = await stalled(world)
    world.livekit.egresses.clear()
    await world.recording_recover.recover(TENANT, recording.id)
    await run(world, JobKind.RECOVER)
    found = await world.recording(recording.id)
    assert (found.state, found.error_code) == (RecordingState.FAILED, "not_recovered")
    assert found.error == "LiveKit no longer knows the egress, and the bucket does not have its file."
    assert await world.told("recording.failed") == 1


async def test_livekits_own_words_are_the_reason_if_it_has_some(world: World) -> None:
    recording = await stalled(world)
    world.livekit.egresses["EG_1"] = egress_of(recording, EgressStatus.FAILED, "no space left")
    await world.recording_recover.recover(TENANT, recording.id)
    await run(world, JobKind.RECOVER)
    error = (await world.recording(recording.id)).error
    assert error == "The bucket does not have the file; LiveKit says: no space left"


async def test_a_file_that_is_promised_is_waited_for_but_not_for_ever(world: World) -> None:
    recording = await stalled(world)
    await world.recording_recover.recover(TENANT, recording.id)
    for _ in range(3):
        assert await run(world, JobKind.RECOVER)
        assert (await world.recording(recording.id)).state is RecordingState.STOPPING
        assert not await run(world, JobKind.RECOVER)
        world.clock.advance(15)
    world.clock.advance(120)
    assert await run(world, JobKind.RECOVER)
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
    world.clock.advance(2)
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
