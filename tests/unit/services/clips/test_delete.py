"""A deleted clip is out of sight at once, and a job leaves nothing of it."""

import asyncio

import pytest

from rtcstack.errors import ClipNotFound, PartUnavailable
from tests.unit.services.clips.conftest import ask, cut, events, for_ever
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import ready


async def _bytes(world: World) -> int:
    row = await world.db.find("SELECT coalesce(sum(bytes), 0) AS n FROM recording_days")
    assert row is not None
    return int(row["n"])


async def test_a_complete_clips_object_goes_and_so_do_its_bytes(world: World) -> None:
    recording = await ready(world)
    before = await _bytes(world)
    clip = await ask(world, recording)
    await cut(world)
    assert await _bytes(world) == before + len(world.storage.contents[clip.object_key])
    await world.clip_delete.delete(TENANT, clip.id)
    assert await _bytes(world) == before
    with pytest.raises(ClipNotFound):
        await world.clip_query.get(TENANT, clip.id)
    assert await world.clip_query.list_of_recording(TENANT, recording.id) == []
    world.storage.fail_at("delete", PartUnavailable("down", part="minio"))
    assert await cut(world)
    world.clock.advance(2)
    assert await cut(world)
    assert not await cut(world)
    assert list(world.storage.objects) == [recording.object_key]


async def test_a_queued_one_is_never_cut(world: World) -> None:
    clip = await ask(world, await ready(world))
    await world.clip_delete.delete(TENANT, clip.id)
    assert await cut(world)
    assert not await cut(world)
    assert world.media.cuts == []
    assert await events(world, "clip.ready") == await events(world, "clip.failed") == []


async def test_one_that_is_being_cut_is_stopped(world: World) -> None:
    clip = await ask(world, await ready(world))
    world.media.while_cutting = for_ever
    cutting = asyncio.create_task(cut(world))
    while not world.media.cuts:
        await asyncio.sleep(0.01)
    await world.clip_delete.delete(TENANT, clip.id)
    async with asyncio.timeout(5):
        assert await cutting
    assert world.media.cancelled == 1
    assert not await cut(world)
    assert clip.object_key not in world.storage.objects


async def test_one_that_is_deleted_while_it_is_uploaded_leaves_no_object(world: World) -> None:
    clip = await ask(world, await ready(world))

    async def deleted() -> None:
        await world.clip_delete.delete(TENANT, clip.id)

    world.media.while_cutting = deleted  # what notices it is a second away
    await cut(world)
    assert clip.object_key not in world.storage.objects
    assert await events(world, "clip.ready") == []
    assert not await cut(world)


async def test_it_is_deleted_once_and_by_its_tenant(world: World) -> None:
    clip = await ask(world, await ready(world))
    with pytest.raises(ClipNotFound):
        await world.clip_delete.delete("acme", clip.id)
    await world.clip_delete.delete(TENANT, clip.id)
    with pytest.raises(ClipNotFound):
        await world.clip_delete.delete(TENANT, clip.id)


async def test_a_deleted_recording_takes_its_clips_out_of_sight_and_keeps_their_data(world: World) -> None:
    recording = await ready(world)
    clip = await ask(world, recording)
    await cut(world)
    before = await _bytes(world)
    await world.recording_delete.delete(TENANT, recording.id)
    with pytest.raises(ClipNotFound):
        await world.clip_query.get(TENANT, clip.id)
    assert not await cut(world)
    assert clip.object_key in world.storage.objects
    assert await _bytes(world) == before  # until it is purged
