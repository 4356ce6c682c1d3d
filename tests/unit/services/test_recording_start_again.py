"""A start that fails for a passing reason is tried once more, and never makes two recordings."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import PartRefused, PartUnavailable, RtcError
from rtcstack.ports.livekit import Composite
from rtcstack.repositories import recordings
from rtcstack.services.composite import CompositeOptions
from tests.fakes.livekit import FakeLiveKit
from tests.unit.services.conftest import TENANT, World

_DEFAULTS = CompositeOptions()
_PASSING = PartUnavailable("no response from servers", part="livekit")


@pytest.fixture(autouse=True)
async def _room(world: World) -> None:
    await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})


def _fail(world: World, *errors: RtcError) -> None:
    for error in errors:
        world.livekit.fail_next(error)


async def _nothing_is_left(world: World) -> None:
    assert await recordings.find_active(world.db, TENANT, "r") is None
    assert await recordings.list_of_room(world.db, TENANT, "r", 10) == []
    assert await world.told() == 0


async def test_what_fails_once_is_begun_by_the_second_try_under_the_same_recording(world: World) -> None:
    _fail(world, _PASSING)
    started = await world.start.start(TENANT, "r", _DEFAULTS)
    assert (started.egress_id, started.state) == ("EG_1", RecordingState.STARTING)
    [row] = await world.db.all("SELECT id, object_key FROM recordings")
    assert row["id"] == started.id
    assert row["object_key"] == started.object_key == world.livekit.started[0].object_key
    assert started.object_key.endswith("T10-00-00-2.mp4")


async def test_what_fails_twice_fails(world: World) -> None:
    _fail(world, _PASSING, _PASSING)
    with pytest.raises(PartUnavailable):
        await world.start.start(TENANT, "r", _DEFAULTS)
    assert world.livekit.started == []
    await _nothing_is_left(world)


async def test_what_is_refused_is_not_tried_again(world: World) -> None:
    _fail(world, PartRefused("no such layout", part="livekit"))
    with pytest.raises(PartRefused):
        await world.start.start(TENANT, "r", _DEFAULTS)
    await _nothing_is_left(world)


async def test_without_any_worker_there_is_no_second_try(world: World) -> None:
    world.fleet.has_workers = False
    _fail(world, _PASSING)
    with pytest.raises(PartUnavailable, match="No Egress worker"):
        await world.start.start(TENANT, "r", _DEFAULTS)
    await _nothing_is_left(world)


class _BeginsButFails(FakeLiveKit):
    """The first start begins an egress, and its answer is lost."""

    told: RtcError = _PASSING

    async def start_composite(self, composite: Composite) -> EgressSnapshot:
        begun = self.begin(composite)
        if len(self.started) == 1:
            raise self.told
        return begun


class _BeginsAndAsksAnother(_BeginsButFails):
    """LiveKit repeated the start, to a worker that finds it in the books."""

    told = PartRefused("egress EG_1 is being recorded by another worker", part="egress")


@pytest.mark.parametrize("livekit", [_BeginsButFails, _BeginsAndAsksAnother])
async def test_an_egress_that_began_although_the_answer_was_lost_is_the_recordings(
    world: World, livekit: type[FakeLiveKit]
) -> None:
    world.livekit.__class__ = livekit
    started = await world.start.start(TENANT, "r", _DEFAULTS)
    assert started.egress_id == "EG_1"
    assert len(world.livekit.started) == 1
    assert world.livekit.stops == []


async def test_one_that_began_and_whose_worker_does_not_answer_is_stopped_and_begun_anew(
    world: World,
) -> None:
    world.livekit.__class__ = _BeginsButFails
    world.fleet.lost.add("EG_1")
    started = await world.start.start(TENANT, "r", _DEFAULTS)
    assert started.egress_id == "EG_2"
    assert world.livekit.stops == ["EG_1"]
    first, second = (composite.object_key for composite in world.livekit.started)
    assert first != second


async def test_one_whose_worker_goes_after_its_first_frame_is_the_recording_all_the_same(
    world: World,
) -> None:
    """The worker took it, its event was applied, and the worker was away when the start gave up."""

    class BeginsAndIsAway(FakeLiveKit):
        async def start_composite(self, composite: Composite) -> EgressSnapshot:
            begun = self.begin(composite)
            async with world.db.transaction() as tx:
                await world.egress_events.apply(tx, replace(begun, status=EgressStatus.ACTIVE))
            world.fleet.lose(begun.egress_id)
            raise _PASSING

    world.livekit.__class__ = BeginsAndIsAway
    started = await world.start.start(TENANT, "r", _DEFAULTS)
    assert (started.egress_id, started.state) == ("EG_1", RecordingState.STARTING)
    assert (await world.recording(started.id)).state is RecordingState.RECORDING
    undone = await world.db.all("SELECT 1 FROM audit_log WHERE action = 'recording.start_undone'")
    assert (len(world.livekit.started), len(undone)) == (1, 0)


async def test_a_first_try_that_begins_in_the_end_is_stopped_and_never_the_recording(world: World) -> None:
    """Its worker hung, took the request when nobody waited for it any more, and made a file."""
    _fail(world, _PASSING)
    started = await world.start.start(TENANT, "r", _DEFAULTS)
    first_key = started.object_key.replace("-2.mp4", ".mp4")
    late = world.livekit.begin(Composite("r", first_key, "recordings", {}))
    assert await world.egress_events.is_unwanted(world.db, late)
    assert not await world.egress_events.is_unwanted(world.db, world.livekit.egresses["EG_1"])
    for status in (EgressStatus.ACTIVE, EgressStatus.COMPLETE):
        told = EgressSnapshot(late.egress_id, "r", status, 2, first_key, size_bytes=7, duration_ms=7)
        async with world.db.transaction() as tx:
            await world.egress_events.apply(tx, told)
    now = await world.recording(started.id)
    assert (now.state, now.egress_id, now.size_bytes) == (RecordingState.STARTING, "EG_1", None)
    assert await world.count("recordings") == 1


async def test_a_given_up_starts_egress_is_unwanted_under_either_key(world: World) -> None:
    _fail(world, _PASSING, _PASSING)
    with pytest.raises(PartUnavailable):
        await world.start.start(TENANT, "r", _DEFAULTS)
    [row] = await world.db.all("SELECT object_key FROM recordings")
    for key in (row["object_key"], row["object_key"].replace("-2.mp4", ".mp4")):
        late = world.livekit.begin(Composite("r", key, "b", {}))
        assert await world.egress_events.is_unwanted(world.db, late)


async def test_keys_of_tries_are_never_given_again(world: World) -> None:
    _fail(world, _PASSING)
    first = await world.start.start(TENANT, "r", _DEFAULTS)
    await world.stop.stop(TENANT, "r")
    second = await world.start.start(TENANT, "r", _DEFAULTS)
    assert first.object_key.endswith("-2.mp4")
    assert second.object_key.endswith("-3.mp4")


async def test_fifty_at_once_whose_first_try_fails_make_one_egress(world: World) -> None:
    world.livekit.latency_s = 0.02
    _fail(world, _PASSING)
    starts: Any = [world.start.start(TENANT, "r", _DEFAULTS) for _ in range(50)]
    answers = await asyncio.gather(*starts)
    assert len(world.livekit.started) == 1
    assert {(a.id, a.egress_id) for a in answers} == {(answers[0].id, "EG_1")}
