import json

import pytest

from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import PartUnavailable
from rtcstack.repositories import processing
from tests.unit.services.conftest import World


async def _recorded(world: World, size_bytes: int = 1000) -> Recording:
    recording = await world.started()
    ended = EgressSnapshot(
        "EG_1",
        "room-abc",
        EgressStatus.COMPLETE,
        1,
        recording.object_key,
        size_bytes=size_bytes,
        duration_ms=3_600_400,
    )
    async with world.db.transaction() as tx:
        await world.egress_events.apply(tx, ended)
    return recording


async def _events(world: World) -> list[dict[str, object]]:
    return [
        json.loads(row["body"])
        for row in await world.db.all("SELECT body FROM outbox WHERE event = 'egress_ended' ORDER BY id")
    ]


async def test_a_confirmed_object_is_ready_and_told_as_the_document_says(world: World) -> None:
    recording = await _recorded(world)
    world.storage.put(
        recording.object_key, 1000, {"rtcstack-video": "h264,1280x720,30", "rtcstack-sha256": "ab"}
    )
    assert await world.finalize.finalize_next()
    found = await world.recording(recording.id)
    assert (found.state, found.checksum, found.streams) == (
        RecordingState.READY,
        "ab",
        {"video": "h264,1280x720,30"},
    )
    assert await _events(world) == [
        {
            "event": "egress_ended",
            "egressId": "EG_1",
            "roomId": "room-abc",
            "file": "room-abc/2024-04-21T10-00-00.mp4",
            "duration": 3600,
            "size": 1000,
        }
    ]
    assert not await world.finalize.finalize_next()


async def test_a_file_that_our_recorder_did_not_write_is_looked_into(world: World) -> None:
    recording = await _recorded(world)
    world.storage.put(recording.object_key, 1000)
    assert await world.finalize.finalize_next()
    found = await world.recording(recording.id)
    assert (found.state, found.duration_ms) == (RecordingState.READY, 3_600_400)  # LiveKit's word
    assert found.streams == {"video": "h264,320x240,25", "audio": "aac,48000,2"}
    [link] = world.media.probed
    assert recording.object_key in link


async def test_a_file_that_is_no_recording_fails_it(world: World) -> None:
    recording = await _recorded(world, size_bytes=10)
    world.storage.put(recording.object_key, 10)
    world.media.unreadable.add(recording.object_key)
    assert await world.finalize.finalize_next()
    found = await world.recording(recording.id)
    assert (found.state, found.error_code) == (RecordingState.FAILED, "unreadable_media")
    assert found.error == "The object is no recording. The recording cannot be decoded."
    assert (await world.told(), await world.told("recording.failed")) == (1, 1)
    assert await world.told("recording.complete") == 0


async def test_a_look_that_fails_for_now_is_repeated(world: World) -> None:
    recording = await _recorded(world)
    world.storage.put(recording.object_key, 1000)
    world.media.fail_next(PartUnavailable("down", part="minio"))
    assert await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
    world.clock.advance(1)
    assert await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).state is RecordingState.READY


async def test_trouble_with_the_store_is_retried_until_it_passes(world: World) -> None:
    recording = await _recorded(world)
    world.storage.put(recording.object_key, 1000)
    for _ in range(10):
        world.storage.fail_next(PartUnavailable("down", part="minio"))
        assert await world.finalize.finalize_next()
        assert not await world.finalize.finalize_next()
        assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
        world.clock.advance(61)
    assert await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).state is RecordingState.READY


async def test_an_object_of_another_size_fails_with_both_figures(world: World) -> None:
    recording = await _recorded(world)
    world.storage.put(recording.object_key, 999)
    await world.finalize.finalize_next()
    found = await world.recording(recording.id)
    assert (found.state, found.error_code) == (RecordingState.FAILED, "size_mismatch")
    assert found.error == "The object has 999 bytes, the recorder wrote 1000."
    [event] = await _events(world)
    assert (event["file"], event["duration"], event["size"], event["error"]) == (None, 0, 0, found.error)


async def test_an_object_that_never_appears_fails_in_the_end(world: World) -> None:
    recording = await _recorded(world)
    for _ in range(20):
        await world.finalize.finalize_next()
        world.clock.advance(61)
    assert (await world.recording(recording.id)).error_code == "object_missing"


async def test_an_object_that_is_missing_once_after_an_outage_is_waited_for(world: World) -> None:
    recording = await _recorded(world)
    for _ in range(2):
        for _ in range(10):
            world.storage.fail_next(PartUnavailable("down", part="minio"))
            await world.finalize.finalize_next()
            world.clock.advance(61)
        for _ in range(4):
            assert await world.finalize.finalize_next()  # a store that has just come back may not see it yet
            world.clock.advance(61)
    assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
    world.storage.put(recording.object_key, 1000)
    assert await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).state is RecordingState.READY


async def test_a_store_that_says_missing_is_asked_again_soon_however_long_the_outage_was(
    world: World,
) -> None:
    recording = await _recorded(world)
    for _ in range(10):
        world.storage.fail_next(PartUnavailable("down", part="minio"))
        await world.finalize.finalize_next()
        world.clock.advance(61)
    assert await world.finalize.finalize_next()
    world.clock.advance(1)
    assert await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).missing == 2


async def test_a_lapsed_claim_is_taken_over_and_the_first_one_no_longer_counts(world: World) -> None:
    recording = await _recorded(world)
    world.storage.put(recording.object_key, 1000)
    async with world.db.transaction() as tx:
        first = await processing.claim(tx, world.clock.now_ms(), world.clock.now_ms() + 1000)
    assert first is not None
    assert not await world.finalize.finalize_next()
    world.clock.advance(2)
    assert await world.finalize.finalize_next()
    async with world.db.transaction() as tx:
        late = await processing.ready(
            tx, first, size_bytes=1, duration_ms=1, checksum=None, streams={}, now_ms=world.clock.now_ms()
        )
    assert not late
    assert await world.told() == 1


@pytest.mark.parametrize("is_settled", [True, False])
async def test_whoever_lost_the_recording_fails_it_no_more(world: World, *, is_settled: bool) -> None:
    """The first looks for so long that another takes the recording over, and finds the object."""
    recording = await _recorded(world)
    world.storage.put(recording.object_key, 999)
    now_ms = world.clock.now_ms()
    async with world.db.transaction() as tx:
        late = await processing.claim(tx, now_ms, now_ms + 30_000)
    assert late is not None
    world.clock.advance(31)
    world.storage.put(recording.object_key, 1000)
    if is_settled:
        assert await world.finalize.finalize_next()
    else:
        async with world.db.transaction() as tx:
            assert await processing.claim(tx, world.clock.now_ms(), world.clock.now_ms() + 30_000)
    await world.finalize._fail(late, "size_mismatch", "The object has 999 bytes.")
    await world.finalize._put_off(late, PartUnavailable("down", part="minio"))
    found = await world.recording(recording.id)
    assert found.state is (RecordingState.READY if is_settled else RecordingState.PROCESSING)
    assert found.error is None
    assert await world.count("recordings WHERE lease_until_ms IS NOT NULL") == (not is_settled)
    assert await world.told("recording.failed") == 0
    assert await world.told("recording.complete") == is_settled
