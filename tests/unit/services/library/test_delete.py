import pytest

from rtcstack.domain.recording_list import RecordingFilter
from rtcstack.errors import Conflict, RecordingNotFound
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import failed, processing, ready


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


async def test_an_active_one_is_not_deleted(world: World) -> None:
    recording = await world.started()
    with pytest.raises(Conflict, match="still in progress"):
        await world.recording_delete.delete(TENANT, recording.id)
    assert (await world.catalog.details(TENANT, recording.id)).recording.id == recording.id


async def test_another_tenants_is_unknown(world: World) -> None:
    recording = await ready(world)
    with pytest.raises(RecordingNotFound):
        await world.recording_delete.delete("acme", recording.id)
