"""Events come late, twice and in any order; the recording's state only moves on."""

import asyncio
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.recording import RecordingState
from tests.unit.services.conftest import World

_LIFE = (EgressStatus.STARTING, EgressStatus.ACTIVE, EgressStatus.ENDING, EgressStatus.COMPLETE)


async def _tell(world: World, *told: EgressSnapshot) -> None:
    for egress in told:
        async with world.db.transaction() as tx:
            await world.egress_events.apply(tx, egress)


def _snapshot(object_key: str, status: EgressStatus) -> EgressSnapshot:
    is_complete = status is EgressStatus.COMPLETE
    return EgressSnapshot(
        "EG_1",
        "room-abc",
        status,
        updated_at_ns=1,
        filepath=object_key,
        size_bytes=1000 if is_complete else None,
        duration_ms=5000 if is_complete else None,
        error="the encoder died" if status is EgressStatus.FAILED else "",
    )


@given(order=st.lists(st.sampled_from(_LIFE), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_with_any_repeats_ends_the_same(
    order: list[EgressStatus], tmp_path_factory: object
) -> None:
    asyncio.run(_any_order(order, tmp_path_factory.mktemp("db")))  # type: ignore[attr-defined]  # pytest's factory


async def _any_order(order: list[EgressStatus], folder: Path) -> None:
    from tests.unit.services.conftest import world as fixture  # noqa: PLC0415  # a fresh world an example

    async for world in fixture.__wrapped__(folder):
        recording = await world.started()
        world.storage.put(recording.object_key, 1000)
        await _tell(
            world, *(_snapshot(recording.object_key, s) for s in (*order, EgressStatus.COMPLETE, *order))
        )
        while await world.finalize.finalize_next():
            pass
        assert (await world.recording(recording.id)).state is RecordingState.READY
        assert await world.told() == 1


async def test_the_states_follow_the_egress(world: World) -> None:
    recording = await world.started()
    seen = []
    for status in _LIFE:
        await _tell(world, _snapshot(recording.object_key, status))
        seen.append((await world.recording(recording.id)).state)
    assert seen == [
        RecordingState.STARTING,
        RecordingState.RECORDING,
        RecordingState.STOPPING,
        RecordingState.PROCESSING,
    ]


async def test_a_failed_egress_fails_the_recording_once_with_its_words(world: World) -> None:
    recording = await world.started()
    failed = _snapshot(recording.object_key, EgressStatus.FAILED)
    await _tell(world, failed, replace(failed, updated_at_ns=2))
    found = await world.recording(recording.id)
    assert (found.state, found.error) == (RecordingState.FAILED, "the encoder died")
    assert await world.told() == 1


async def test_an_event_before_the_answer_to_start_links_the_egress(world: World) -> None:
    recording = await world.started()
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE recordings SET egress_id = NULL")
        await tx.execute("DELETE FROM recording_parts")
    await _tell(world, _snapshot(recording.object_key, EgressStatus.ACTIVE))
    found = await world.recording(recording.id)
    assert (found.egress_id, found.state) == ("EG_1", RecordingState.RECORDING)


async def test_an_egress_that_somebody_else_started_changes_nothing(world: World) -> None:
    await _tell(world, _snapshot("somewhere/else.mp4", EgressStatus.COMPLETE))
    assert await world.count("recording_parts") == 0


async def test_a_room_that_closed_while_the_worker_hung_was_stopped_when_the_recorder_ended(
    world: World,
) -> None:
    recording = await world.started()
    began_ms = world.clock.now_ms()
    ending = _snapshot(recording.object_key, EgressStatus.ENDING)
    complete = replace(
        _snapshot(recording.object_key, EgressStatus.COMPLETE),
        details="End reason: Source closed",
        ended_at_ms=began_ms + 5000,
    )
    await _tell(world, _snapshot(recording.object_key, EgressStatus.ACTIVE))
    world.clock.advance(60)
    await _tell(world, ending, complete)
    assert (await world.recording(recording.id)).stopped_at_ms == began_ms + 5000


async def test_a_stop_that_was_asked_for_stays_when_it_was(world: World) -> None:
    recording = await world.started()
    await _tell(world, _snapshot(recording.object_key, EgressStatus.ACTIVE))
    world.clock.advance(20)
    await world.stop.stop("default", "room-abc")
    stopped_at_ms = (await world.recording(recording.id)).stopped_at_ms
    complete = replace(
        _snapshot(recording.object_key, EgressStatus.COMPLETE),
        details="End reason: StopEgress API",
        ended_at_ms=(stopped_at_ms or 0) - 9000,
    )
    await _tell(world, complete)
    assert (await world.recording(recording.id)).stopped_at_ms == stopped_at_ms
