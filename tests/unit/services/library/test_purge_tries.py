"""Objects that tries to begin a recording left are purged with it: their egress was stopped, and may have had a file."""

from dataclasses import replace

import pytest

from rtcstack.domain.job import JobKind
from rtcstack.domain.object_key import index_key
from rtcstack.domain.recording import Recording
from rtcstack.errors import PartUnavailable
from rtcstack.ports.livekit import Composite
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import ready, run

_DAY_S = 24 * 3600


@pytest.fixture
def kept_a_week(world: World) -> World:
    """The same world, its services with a retention of seven days."""
    return replace(world, environ={"RTCSTACK_RECORDINGS__DELETED_RETENTION_DAYS": "7"})


async def _ready_at_second_try(world: World) -> tuple[Recording, str]:
    """Return a recording with which nothing is to be done, and the key that its first try had."""
    world.livekit.fail_next(PartUnavailable("no response from servers", part="livekit"))
    recording = await ready(world)
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE jobs SET state = 'done' WHERE recording_id = :id", id=recording.id)
    return recording, recording.object_key.replace("-2.mp4", ".mp4")


async def _delete_and_purge(world: World, recording: Recording) -> None:
    await world.recording_delete.delete(TENANT, recording.id)
    world.clock.advance(8 * _DAY_S)
    assert await world.recording_purge.queue_due()
    assert await run(world, JobKind.PURGE)


async def test_what_an_earlier_try_left_goes_with_it(kept_a_week: World) -> None:
    world = kept_a_week
    recording, first_key = await _ready_at_second_try(world)
    late = world.livekit.begin(Composite(recording.room_id, first_key, "recordings", {}))
    assert await world.egress_events.is_unwanted(world.db, late)
    for key in (first_key, index_key(first_key)):
        world.storage.put(key, 1000)
    await _delete_and_purge(world, recording)
    assert world.storage.objects == {}


async def test_what_a_sync_made_a_recording_of_is_left(kept_a_week: World) -> None:
    world = kept_a_week
    recording, first_key = await _ready_at_second_try(world)
    world.storage.put(first_key, 1000)
    synced = await world.recording_sync.sync(TENANT, recording.room_id)
    assert [imported.object_key for imported in synced.imported] == [first_key]
    await _delete_and_purge(world, recording)
    assert set(world.storage.objects) == {first_key}
