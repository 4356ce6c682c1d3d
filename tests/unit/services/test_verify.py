"""A ready recording's object is held against what its recorder wrote."""

from dataclasses import replace

import pytest

from rtcstack.domain.job import JobKind
from rtcstack.errors import PartRefused, PartUnavailable, StoreDenied
from rtcstack.repositories import pauses
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import COLD, ready, run
from tests.unit.services.verifying import DIGEST, FILM, recorded, store, verify


async def test_a_whole_object_is_verified(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, FILM)
    world.clock.advance(5)
    assert await verify(world)
    assert not await verify(world)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (world.clock.now_ms(), None)


async def test_a_damaged_one_is_reported_with_both_digests(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, b"the f1lm")
    await verify(world)
    found = await world.recording(recording.id)
    assert found.verified_at_ms is None
    assert DIGEST in (found.verify_error or "")


async def test_one_that_is_gone_is_reported(world: World) -> None:
    recording = await recorded(world)
    world.storage.objects.clear()
    await verify(world)
    assert recording.object_key in ((await world.recording(recording.id)).verify_error or "")


@pytest.mark.parametrize(
    ("frames", "error"),
    [
        ({"first_frame_s": -90}, "it lasts 60.0 s, and 90.0 s were recorded"),
        ({"first_frame_s": -90, "last_frame_s": -30}, "it ends 30.0 s before it was stopped"),
        ({"first_frame_s": -20, "last_frame_s": 40}, None),  # the worker hung when it was told to stop
    ],
)
async def test_time_that_is_missing_is_reported(
    world: World, frames: dict[str, float], error: str | None
) -> None:
    recording = await recorded(world, **frames)
    store(world, recording, FILM)
    await verify(world)
    assert (await world.recording(recording.id)).verify_error == error


async def test_time_that_was_paused_is_not_missed(world: World) -> None:
    recording = await recorded(world, first_frame_s=-90)
    stopped_at_ms = recording.stopped_at_ms or 0
    async with world.db.transaction() as tx:
        await pauses.begin(tx, recording.id, stopped_at_ms - 70_000)
        await pauses.end(tx, recording.id, stopped_at_ms - 40_000)
    assert await world.count("audit_log WHERE action = 'recording.pause'") == 0, "it may be forgotten sooner"
    store(world, recording, FILM)
    await verify(world)
    found = await world.recording(recording.id)
    assert (found.verify_error, found.verified_at_ms) == (None, world.clock.now_ms())


async def test_trouble_with_the_store_is_waited_out(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, FILM)
    world.storage.fail_at("sha256", PartUnavailable("down", part="minio"))
    assert await verify(world)
    assert (await world.recording(recording.id)).verify_error is None
    world.clock.advance(2)
    assert await verify(world)
    assert (await world.recording(recording.id)).verified_at_ms is not None


@pytest.mark.parametrize("kind", [StoreDenied, PartRefused])
async def test_a_refusal_is_waited_out_for_days(world: World, kind: type[PartRefused]) -> None:
    recording = await recorded(world)
    store(world, recording, FILM)
    for _ in range(60):  # hours: more than a job has attempts
        world.storage.fail_at("sha256", kind("Access Denied.", part="minio"))
        assert await verify(world)
        world.clock.advance(3600)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (None, None)
    assert await verify(world)
    assert (await world.recording(recording.id)).verified_at_ms == world.clock.now_ms()


async def test_a_refusal_of_a_week_is_reported(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, FILM)
    world.clock.advance(8 * 24 * 3600)
    world.storage.fail_at("sha256", StoreDenied("Access Denied.", part="minio"))
    assert await verify(world)
    assert not await verify(world)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (None, "It could not be verified: Access Denied.")


async def test_an_archived_one_is_verified_where_it_lies(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, FILM)
    await world.recording_archive.archive(TENANT, recording.id)
    assert await verify(world)  # on its way: not now
    assert (await world.recording(recording.id)).verified_at_ms is None
    await run(world, JobKind.ARCHIVE)
    world.clock.advance(61)
    assert await verify(world)
    assert (await world.recording(recording.id)).verified_at_ms is not None


async def test_one_in_a_class_that_cannot_be_read_is_looked_for_every_day(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, FILM)
    await world.recording_archive.archive(TENANT, recording.id)
    await run(world, JobKind.ARCHIVE)
    cold = world.storage.others[COLD]
    cold[recording.object_key] = replace(cold[recording.object_key], storage_class="GLACIER")
    for _ in range(60):
        assert await verify(world)
        world.clock.advance(24 * 3600)
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (None, None)
    cold[recording.object_key] = replace(cold[recording.object_key], is_thawed=True)
    assert await verify(world)
    assert (await world.recording(recording.id)).verified_at_ms == world.clock.now_ms()


async def test_what_no_recorder_of_ours_measured_is_verified_without_a_digest(world: World) -> None:
    recording = await ready(world)
    assert await verify(world)
    assert (await world.recording(recording.id)).verified_at_ms == world.clock.now_ms()
    assert "sha256" not in world.storage.calls
    assert "index" not in world.media.probed[0]


async def test_a_container_that_cannot_be_read_is_reported(world: World) -> None:
    recording = await ready(world)
    world.media.unreadable.add(recording.object_key)
    await verify(world)
    assert (await world.recording(recording.id)).verify_error == "The recording cannot be decoded."


async def test_a_stream_that_is_missing_is_reported(world: World) -> None:
    recording = await ready(world)
    world.media.streams = {"video": "h264,1280x720,30"}
    await verify(world)
    assert (await world.recording(recording.id)).verify_error == "it has no audio"


async def test_one_that_is_moved_while_it_is_looked_into_is_looked_into_again(world: World) -> None:
    recording = await recorded(world)
    store(world, recording, FILM)

    async def archived() -> None:
        world.media.while_probing = None
        await world.recording_archive.archive(TENANT, recording.id)
        await run(world, JobKind.ARCHIVE)
        raise PartRefused("It cannot be decoded.", part="media", code="unreadable_media")

    world.media.while_probing = archived
    assert await verify(world)
    assert (await world.recording(recording.id)).verify_error is None
    world.clock.advance(61)
    assert await verify(world)
    assert (await world.recording(recording.id)).verified_at_ms == world.clock.now_ms()
