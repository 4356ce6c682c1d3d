"""Posters and storyboards: made once a recording is ready, given out as links."""

from dataclasses import replace

import pytest

from rtcstack.domain.job import JobKind
from rtcstack.errors import (
    Invalid,
    ObjectNotFound,
    PartRefused,
    PartUnavailable,
    PreviewsNotFound,
    RecordingNotFound,
    StoreDenied,
)
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import ready, run

_STEM = "room-abc/2024-04-21T10-00-00"


async def _make(world: World) -> bool:
    return bool(await world.media_jobs[JobKind.PREVIEWS].run_next())


async def test_they_lie_beside_the_recording_and_are_given_out_as_links(world: World) -> None:
    recording = await ready(world)
    with pytest.raises(PreviewsNotFound, match="no previews"):
        await world.recording_previews.get(TENANT, recording.id)
    assert await _make(world)
    assert not await _make(world)
    assert sorted(world.storage.contents) == [
        f"{_STEM}.poster.jpg",
        f"{_STEM}.storyboard-1.jpg",
        f"{_STEM}.storyboard-2.jpg",
    ]
    found, url = await world.recording_previews.get(TENANT, recording.id)
    assert url == f"https://store/{_STEM}.poster.jpg?ttl=3600&name=2024-04-21T10-00-00.poster.jpg"
    assert (found.tile_width, found.tile_height, found.interval_ms) == (160, 90, 5000)
    lines = (await world.recording_previews.storyboard(TENANT, recording.id)).splitlines()
    assert lines[2] == "00:00:00.000 --> 00:00:05.000"
    assert lines[3].startswith(f"https://store/{_STEM}.storyboard-1.jpg?")
    assert lines[-2] == "00:00:25.000 --> 00:01:00.000"
    assert list((world.settings.data / "tmp").iterdir()) == []


async def test_they_are_the_tenants_and_go_out_of_sight_with_the_recording(world: World) -> None:
    recording = await ready(world)
    await _make(world)
    with pytest.raises(RecordingNotFound):
        await world.recording_previews.get("acme", recording.id)
    await world.recording_delete.delete(TENANT, recording.id)
    for call in (world.recording_previews.get, world.recording_previews.storyboard):
        with pytest.raises(RecordingNotFound):
            await call(TENANT, recording.id)


@pytest.mark.parametrize(
    "error",
    [
        Invalid("There is no picture.", code="no_video"),
        PartRefused("It cannot be decoded.", part="media", code="unreadable_media"),
    ],
)
async def test_of_a_recording_without_pictures_there_are_none(
    world: World, error: Invalid | PartRefused
) -> None:
    recording = await ready(world)
    world.media.fail_next(error)
    assert await _make(world)
    assert not await _make(world)
    with pytest.raises(PreviewsNotFound):
        await world.recording_previews.get(TENANT, recording.id)


async def test_trouble_with_the_store_is_waited_out(world: World) -> None:
    recording = await ready(world)
    world.storage.fail_at("upload", PartUnavailable("down", part="minio"))
    assert await _make(world)
    world.clock.advance(2)
    assert await _make(world)
    await world.recording_previews.get(TENANT, recording.id)


async def test_a_refusal_is_waited_out_for_days(world: World) -> None:
    recording = await ready(world)
    for _ in range(60):  # hours: more than a job has attempts
        world.storage.fail_at("upload", StoreDenied("Access Denied.", part="minio"))
        assert await _make(world)
        world.clock.advance(3600)
    assert await _make(world)
    await world.recording_previews.get(TENANT, recording.id)


async def test_one_that_goes_to_the_archive_meanwhile_has_them_as_well(world: World) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    world.media.fail_next(ObjectNotFound("There is no such object.", part="minio"))
    assert await _make(world)
    assert await run(world, JobKind.ARCHIVE)
    world.clock.advance(2)
    assert await _make(world)
    await world.recording_previews.get(TENANT, recording.id)


async def test_of_a_deleted_recording_none_are_made(world: World) -> None:
    recording = await ready(world)
    await world.recording_delete.delete(TENANT, recording.id)
    assert await _make(world)
    assert not await _make(world)
    assert world.storage.contents == {}


async def test_with_previews_off_none_are_asked_for(world: World) -> None:
    off = replace(world, environ={"RTCSTACK_PREVIEWS__ENABLED": "false"})
    await ready(off)
    assert not await _make(off)
    assert await off.media_jobs[JobKind.VERIFY].run_next()


async def test_the_longer_a_move_takes_the_less_often_they_are_tried(world: World) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    tries = 0
    for _ in range(600):
        world.media.fail_next(ObjectNotFound("There is no such object.", part="minio"))
        tries += await _make(world)
        world.clock.advance(1)
    assert 10 < tries < 60


async def test_what_cannot_be_read_is_looked_for_once_a_day_also_while_it_moves(world: World) -> None:
    recording = await ready(world)
    await world.recording_archive.archive(TENANT, recording.id)
    there = world.storage.objects[recording.object_key]
    world.storage.objects[recording.object_key] = replace(there, storage_class="GLACIER")
    assert await _make(world)
    world.clock.advance(12 * 3600)
    assert not await _make(world)
    world.storage.objects[recording.object_key] = there
    world.clock.advance(13 * 3600)
    assert await _make(world)
    await world.recording_previews.get(TENANT, recording.id)
