"""What LiveKit's webhooks did not tell is learned by asking."""

from dataclasses import replace

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.egress.kept import KeptInSpool
from rtcstack.errors import PartUnavailable
from rtcstack.repositories import recordings
from rtcstack.services.catch_up import CatchUp
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.egress_watch import EgressWatch
from tests.unit.services.conftest import TENANT, World

_DEFAULTS = CompositeOptions()


def _catch_up(world: World) -> CatchUp:
    watch = EgressWatch(world.clock, world.fleet)
    kept = KeptInSpool(world.spool)
    return CatchUp(
        world.db, world.clock, world.livekit, watch, world.egress_events, kept, abandoned_after_s=30
    )


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


async def test_one_that_no_worker_has_any_more_ends_within_a_minute(world: World) -> None:
    recording = await world.started()
    world.clock.advance(6)
    world.fleet.lose("EG_1")
    ended_after_s = 0
    while (await world.recording(recording.id)).state is not RecordingState.FAILED:
        assert ended_after_s < 60
        world.clock.advance(1)
        ended_after_s += 1
        if ended_after_s % 15 == 0:
            await world.catch_up.run_once()
        await world.library_jobs[JobKind.RECOVER].run_next()
    assert ended_after_s >= 25  # a worker that starts again is given the time to
    assert (await world.told(), await world.told("recording.failed")) == (1, 1)


async def test_a_worker_that_was_away_for_a_moment_keeps_its_recordings(world: World) -> None:
    recording = await world.started()
    for n in range(40):
        world.clock.advance(15)
        world.fleet.has_workers = n % 2 == 0  # it loses Redis again and again
        await world.catch_up.run_once()
        await world.library_jobs[JobKind.RECOVER].run_next()
    assert (await world.recording(recording.id)).is_active


async def test_a_hung_worker_is_not_a_dead_one(world: World) -> None:
    recording = await world.started()
    world.fleet.lose("EG_1")
    world.fleet.is_hung = True
    for _ in range(40):
        world.clock.advance(15)
        await world.catch_up.run_once()
    assert (await world.recording(recording.id)).is_active
    assert await world.count("jobs") == 0


async def test_a_stop_that_livekit_was_never_asked_for_is_made_up_for(world: World) -> None:
    recording = await world.started()
    async with world.db.transaction() as tx:  # as a process that died right after
        await recordings.stop(tx, recording.id, world.clock.now_ms())
    world.clock.advance(15)
    await world.catch_up.run_once()
    assert world.livekit.stops == ["EG_1"]


async def _ending_by_the_books(world: World) -> Recording:
    """Return a recording that was stopped while its worker was away, as which LiveKit's books have noted; it goes on."""
    recording = await world.started()
    async with world.db.transaction() as tx:
        await recordings.stop(tx, recording.id, world.clock.now_ms())
    ending = replace(world.livekit.egresses["EG_1"], status=EgressStatus.ENDING)
    world.livekit.egresses["EG_1"] = ending
    world.clock.advance(15)
    return recording


async def test_a_stop_that_only_the_books_took_note_of_is_made_up_for(world: World) -> None:
    await _ending_by_the_books(world)
    await world.catch_up.run_once()
    assert world.livekit.stops == ["EG_1"]


async def test_one_that_is_ending_and_whose_worker_is_silent_is_not_taken_for_ended(world: World) -> None:
    """LiveKit says that it cannot be stopped, as of one that has ended."""
    recording = await _ending_by_the_books(world)
    world.livekit.ended_unheard.add("EG_1")
    await world.catch_up.run_once()
    assert world.livekit.stops == ["EG_1"]
    assert await world.count("jobs") == 0
    assert (await world.recording(recording.id)).state is RecordingState.STOPPING


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


async def test_one_that_died_ends_as_soon_although_the_clock_was_set_back(world: World) -> None:
    """By that clock it begins in an hour, and whatever counts from its start would wait until then."""
    recording = await world.started()
    world.fleet.lose("EG_1")
    world.clock.advance(-3600)
    for _ in range(4):
        world.clock.advance(15)
        await world.catch_up.run_once()
        await world.library_jobs[JobKind.RECOVER].run_next()
    assert (await world.recording(recording.id)).state is RecordingState.FAILED
