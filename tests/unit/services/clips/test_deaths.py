"""Whatever dies in the middle, a clip is made once and told once."""

import asyncio
from dataclasses import replace

import pytest

from rtcstack.domain.clip import ClipState
from tests.unit.services.clips.conftest import ask, clip_of, cut, events, for_ever
from tests.unit.services.conftest import World
from tests.unit.services.library.conftest import ready


class _Killed(BaseException):
    """The process ends here: nothing after it runs, nothing is handled."""


@pytest.mark.parametrize("step", ["cut", "stat", "upload"])
async def test_a_process_that_is_killed_is_followed_by_one_that_makes_the_clip_once(
    world: World, step: str
) -> None:
    clip = await ask(world, await ready(world))
    if step == "cut":
        world.media.fail_next(_Killed())
    else:
        world.storage.fail_at(step, _Killed())
    with pytest.raises(_Killed):
        await cut(world)
    assert not await cut(world)  # its lease still stands
    world.clock.advance(21)
    assert await cut(world)
    assert (await clip_of(world, clip.id)).state is ClipState.COMPLETE
    assert len(await events(world, "clip.ready")) == 1
    assert [key for key in world.storage.contents if "/clips/" in key] == [clip.object_key]


async def test_a_process_that_ends_leaves_the_clip_to_the_next_at_once(world: World) -> None:
    clip = await ask(world, await ready(world))
    world.media.while_cutting = for_ever
    cutting = asyncio.create_task(cut(world))
    while not world.media.cuts:
        await asyncio.sleep(0.01)
    cutting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cutting
    assert world.media.cancelled == 1
    world.media.while_cutting = None
    assert await cut(world)
    assert (await clip_of(world, clip.id)).state is ClipState.COMPLETE


async def test_who_lost_the_lease_neither_uploads_nor_tells(world: World) -> None:
    clip = await ask(world, await ready(world))
    other = replace(world)

    async def taken_over() -> None:
        world.media.while_cutting = None
        world.clock.advance(21)
        assert await cut(other)

    world.media.while_cutting = taken_over
    assert await cut(world)
    assert world.storage.calls.count("upload") == 1
    assert len(await events(world, "clip.ready")) == 1
    assert (await clip_of(world, clip.id)).state is ClipState.COMPLETE


async def test_two_processes_on_one_database_make_each_clip_once(world: World) -> None:
    recording = await ready(world)
    clips = [await ask(world, recording) for _ in range(6)]

    async def work(process: World) -> None:
        while await cut(process):
            pass

    await asyncio.gather(work(world), work(replace(world)))
    assert len(world.media.cuts) == len(clips)
    told = await events(world, "clip.ready")
    assert sorted(event["clip_id"] for event in told) == sorted(clip.id for clip in clips)
