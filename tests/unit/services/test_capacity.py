"""Whether another recording can be begun, in words, and what follows when none can."""

from dataclasses import replace

import pytest

from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.notes import LIMIT_REACHED, fewer_pictures
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import Exhausted, PartUnavailable
from rtcstack.repositories import recordings
from tests.fakes.fleet import FakeFleet
from tests.fakes.storage import FakeStorage
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.storage.conftest import Owner

_FULL = "The recordings that run need 2.4 of 2 cores, another one some 0.3."


def _fill(fleet: FakeFleet, reason: str = _FULL) -> None:
    fleet.worker = replace(fleet.worker, running=8, more=0, can_record=False, reason=reason)


async def test_it_says_how_many_more(world: World) -> None:
    told = await world.capacity.read(TENANT)
    assert (told.can_record, told.more, told.running) == (True, 6, 0)
    assert told.message == "6 more recordings can be begun now."
    world.fleet.worker = replace(world.fleet.worker, more=1)
    assert (await world.capacity.read(TENANT)).message == "1 more recording can be begun now."


async def test_beyond_every_picture_it_says_what_another_one_costs(world: World) -> None:
    world.fleet.worker = replace(world.fleet.worker, more=0, reason="Some will have fewer pictures.")
    told = await world.capacity.read(TENANT)
    assert (told.can_record, told.more, told.message) == (True, 0, "Some will have fewer pictures.")


async def test_a_start_beyond_it_is_refused_with_the_reason_and_leaves_nothing(world: World) -> None:
    _fill(world.fleet)
    told = await world.capacity.read(TENANT)
    assert (told.can_record, told.more, told.message) == (False, 0, _FULL)
    with pytest.raises(Exhausted) as refused:
        await world.started()
    assert (refused.value.word, refused.value.message) == ("capacity", _FULL)
    assert world.livekit.egresses == {}
    assert (await world.capacity.read(TENANT)).running == 0


async def test_beside_a_stock_worker_nothing_is_refused_in_advance(world: World) -> None:
    _fill(world.fleet)
    world.fleet.is_stock = True
    told = await world.capacity.read(TENANT)
    assert (told.can_record, told.more) == (True, None)
    assert told.message == "Another recording can be begun; not every Egress worker says how many."


async def test_without_a_worker_it_says_so(world: World) -> None:
    world.fleet.has_workers = False
    told = await world.capacity.read(TENANT)
    assert (told.can_record, told.message) == (False, "No Egress worker answers.")


class _Away(FakeStorage):
    async def ping(self) -> None:
        raise PartUnavailable("The object store does not answer.", part="minio")


async def test_a_tenant_with_a_bucket_of_its_own_does_not_need_the_shared_store(world: World) -> None:
    alone = replace(world, storage=_Away())
    told = await alone.capacity.read(TENANT)
    assert (told.can_record, told.message) == (False, "The object store does not answer.")
    await Owner(alone).uses()
    assert (await alone.capacity.read(TENANT)).can_record
    assert (await alone.started()).egress_id


async def test_where_each_tenant_needs_a_bucket_it_says_that_there_is_none(world: World) -> None:
    own_only = replace(world, environ={"RTCSTACK_STORAGE__REQUIRE_OWN": "true"})
    told = await own_only.capacity.read(TENANT)
    assert (told.can_record, told.more) == (False, 0)
    assert told.message.startswith("There is no bucket for this tenant's recordings")
    await Owner(own_only).uses()
    assert (await own_only.capacity.read(TENANT)).can_record


async def test_a_halls_recording_waits_and_begins_when_there_is_room(world: World) -> None:
    idle = world.fleet.worker
    _fill(world.fleet)
    hall, _ = await world.halls.create(
        TENANT, name="h", max_participants=50, record=True, moderation=False, metadata={}
    )
    [waiting] = await recordings.list_of_room(world.db, TENANT, hall.id, 10)
    assert waiting.state is RecordingState.QUEUED
    world.clock.advance(5)
    assert await world.recording_queue.start_queued()
    assert (await world.recording(waiting.id)).state is RecordingState.QUEUED
    world.fleet.worker = idle
    world.clock.advance(5)
    assert await world.recording_queue.start_queued()
    assert (await world.recording(waiting.id)).state is RecordingState.STARTING


async def test_what_the_worker_noted_stands_in_the_recording(world: World) -> None:
    recording = await world.started()
    fewer = fewer_pictures(4_000, 15)
    details = f"End reason: Session limit reached; {LIMIT_REACHED}; {fewer}"
    snapshot = EgressSnapshot(
        "EG_1",
        recording.room_id,
        EgressStatus.LIMIT_REACHED,
        updated_at_ns=1,
        filepath=recording.object_key,
        details=details,
    )
    async with world.db.transaction() as tx:
        await world.egress_events.apply(tx, snapshot)
    ended = await world.recording(recording.id)
    assert (ended.state, ended.notes) == (RecordingState.PROCESSING, (LIMIT_REACHED, fewer))
