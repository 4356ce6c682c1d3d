import pytest

from rtcstack.errors import ClipNotFound, RecordingNotFound
from tests.unit.services.clips.conftest import ask, cut
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import ready


async def test_clips_are_listed_newest_first(world: World) -> None:
    recording = await ready(world)
    first, second = await ask(world, recording), await ask(world, recording)
    found = await world.clip_query.list_of_recording(TENANT, recording.id)
    assert [clip.id for clip in found] == [second.id, first.id]
    with pytest.raises(RecordingNotFound):
        await world.clip_query.list_of_recording("acme", recording.id)


async def test_a_link_is_given_once_there_is_something_to_download(world: World) -> None:
    clip = await ask(world, await ready(world), label="A talk")
    assert await world.clip_query.download_url(await world.clip_query.get(TENANT, clip.id)) is None
    await cut(world)
    url = await world.clip_query.download_url(await world.clip_query.get(TENANT, clip.id))
    assert url == f"https://store/{clip.object_key}?ttl=3600&name=a-talk-{clip.id}.mp4"


async def test_another_tenants_clip_is_not_found(world: World) -> None:
    clip = await ask(world, await ready(world))
    for tenant, clip_id in (("acme", clip.id), (TENANT, "clip_none")):
        with pytest.raises(ClipNotFound, match=f"There is no clip {clip_id}"):
            await world.clip_query.get(tenant, clip_id)
