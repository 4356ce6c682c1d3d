from collections.abc import Awaitable, Callable

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.recording_list import RecordingFilter
from rtcstack.errors import Conflict, RecordingNotFound
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import egress_of, failed, processing, ready, stalled, tell


async def test_a_deleted_one_is_out_of_sight_and_its_data_stays(world: World) -> None:
    for recording in (await ready(world, "a"), await failed(world, "b"), await processing(world, "c")):
        _, at_ms = await world.recording_delete.delete(TENANT, recording.id)
        assert at_ms == world.clock.now_ms()
        for call in (world.catalog.details, world.catalog.download, world.recording_delete.delete):
            with pytest.raises(RecordingNotFound):
                await call(TENANT, recording.id)
    assert len(world.storage.objects) == 1
    page = await world.catalog.page(TENANT, RecordingFilter(), limit=20)
    assert (list(page.recordings), page.total) == ([], 0)


@pytest.mark.parametrize("make", [stalled, processing])
@pytest.mark.parametrize("is_stored", [True, False])
async def test_of_one_that_is_deleted_before_its_end_nothing_is_told(
    world: World, make: Callable[[World], Awaitable[Recording]], is_stored: bool
) -> None:
    recording = await make(world)
    await world.recording_delete.delete(TENANT, recording.id)
    if is_stored:
        world.storage.put(recording.object_key, 1000)
    await tell(world, egress_of(recording, EgressStatus.COMPLETE))
    for _ in range(10):
        await world.finalize.finalize_next()
        world.clock.advance(61)
    ended = RecordingState.READY if is_stored else RecordingState.FAILED
    assert (await world.recording(recording.id)).state is ended
    told = [await world.told(e) for e in ("egress_ended", "recording.complete", "recording.failed")]
    assert told == [0, 0, 0]


async def test_an_active_one_is_not_deleted(world: World) -> None:
    recording = await world.started()
    with pytest.raises(Conflict, match="still in progress"):
        await world.recording_delete.delete(TENANT, recording.id)
    assert (await world.catalog.details(TENANT, recording.id)).recording.id == recording.id


async def test_another_tenants_is_unknown(world: World) -> None:
    recording = await ready(world)
    with pytest.raises(RecordingNotFound):
        await world.recording_delete.delete("acme", recording.id)
