"""What LiveKit's webhooks did not tell is learned by asking."""

from dataclasses import replace

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import PartUnavailable
from rtcstack.services.catch_up import CatchUp
from rtcstack.services.composite import CompositeOptions
from tests.unit.services.conftest import TENANT, World

_DEFAULTS = CompositeOptions()


def _catch_up(world: World) -> CatchUp:
    return CatchUp(world.db, world.clock, world.livekit, world.egress_events, abandoned_after_s=30)


async def test_a_lost_end_is_found_and_told_once(world: World) -> None:
    recording = await world.started()
    world.storage.put(recording.object_key, 1000)
    ended = replace(
        world.livekit.egresses["EG_1"], status=EgressStatus.COMPLETE, size_bytes=1000, duration_ms=5000
    )
    world.livekit.egresses["EG_1"] = ended
    catch_up = _catch_up(world)
    assert not await catch_up.run_once()  # so young that its events may be under way
    world.clock.advance(31)
    assert await catch_up.run_once()
    assert not await catch_up.run_once()
    await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).state is RecordingState.READY
    assert await world.told() == 1


async def test_a_recording_that_runs_is_left_alone(world: World) -> None:
    recording = await world.started()
    world.clock.advance(3600)
    assert not await _catch_up(world).run_once()
    assert (await world.recording(recording.id)).is_active


async def test_a_start_whose_process_died_makes_way_for_the_next(world: World) -> None:
    recording = await world.started()
    world.livekit.egresses.clear()
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE recordings SET egress_id = NULL")
    world.clock.advance(31)
    assert await _catch_up(world).run_once()
    assert (await world.recording(recording.id)).error_code == "start_failed"
    assert await world.told() == 0
    assert (await world.start.start(TENANT, "room-abc", _DEFAULTS)).id != recording.id


async def test_trouble_with_livekit_stops_nothing(world: World) -> None:
    await world.started()
    world.clock.advance(31)

    async def fail(room_name: str) -> list[object]:
        raise PartUnavailable(f"no answer about {room_name}", part="livekit")

    world.livekit.list_egresses = fail  # type: ignore[assignment]  # fault injection
    assert not await _catch_up(world).run_once()
