"""Recordings in a bucket of the tenant's own: clips and previews lie there too, where its key may read."""

import pytest

from rtcstack.domain.clip import ClipState
from rtcstack.domain.job import JobKind
from rtcstack.errors import Conflict
from rtcstack.ports.storage import Permissions
from tests.unit.services.clips.conftest import ask, clip_of, cut
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library import conftest as library
from tests.unit.services.storage.conftest import Owner


async def test_a_clip_goes_into_the_bucket_of_its_recording(world: World) -> None:
    owner = Owner(world)
    bucket = await owner.uses(prefix="relay/recordings/")
    recording = await owner.recorded("room-abc", owner.store())
    clip = await ask(world, recording)
    assert clip.object_key == f"relay/recordings/room-abc/clips/key-moment-{clip.id}.mp4"
    assert (clip.bucket, clip.storage_id) == ("acme-1", bucket.id)
    await owner.uses("acme-2")  # a later change is of no matter
    await cut(world)
    done = await clip_of(world, clip.id)
    assert done.state is ClipState.COMPLETE
    assert clip.object_key in owner.store().objects
    assert world.storage.objects == {}
    assert "acme-1" in (world.media.cuts[0][0].url or "")
    assert await world.clip_query.download_url(done) is not None
    await world.clip_delete.delete(TENANT, clip.id)
    await cut(world)
    assert clip.object_key not in owner.store().objects


async def test_where_the_key_may_only_put_there_are_no_clips_and_no_previews(world: World) -> None:
    owner = Owner(world)
    world.opener.permissions = Permissions(may_read=False, may_delete=False)
    await owner.uses()
    owner.store().may_read = False
    recording = await library.processing(world)
    await world.finalize.finalize(recording.id)
    with pytest.raises(Conflict) as refused:
        await ask(world, recording)
    assert refused.value.word == "storage_read_forbidden"
    for kind in (JobKind.PREVIEWS, JobKind.VERIFY):
        assert await world.media_jobs[kind].run_next()
        assert not await world.media_jobs[kind].run_next()
    with pytest.raises(Conflict) as unread:
        await world.recording_previews.get(TENANT, recording.id)
    assert unread.value.word == "storage_read_forbidden"
    found = await world.recording(recording.id)
    assert (found.verified_at_ms, found.verify_error) == (None, None)
