"""Ends that a worker has reached and LiveKit knows nothing of: the recording ends all the same, within a minute."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from livekit.protocol.egress import EgressInfo, EgressStatus, FileInfo

from rtcstack.domain.finding import FindingKind
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.egress.dispatcher.journal import Journal, Reported
from rtcstack.errors import PartUnavailable
from rtcstack.repositories import recordings
from tests.unit.services.conftest import World

_ROUND_S = 15
_LIMIT_S = 60


async def _end_in_spool(
    world: World, recording: Recording, status: "EgressStatus.ValueType", error: str = ""
) -> None:
    """Let the worker on this machine write down its end."""
    ended_ns = world.clock.now_ms() * 1_000_000
    info = EgressInfo(
        egress_id=recording.egress_id or "",
        room_name=recording.room_id,
        status=status,
        error=error,
        updated_at=ended_ns,
        ended_at=ended_ns,
        file_results=[FileInfo(filename=recording.object_key, size=1000, duration=5 * 10**9)],
    )
    folder = Path(world.settings.spool_path) / (recording.egress_id or "")
    folder.mkdir(parents=True)
    await Journal(folder / "journal.jsonl").append(Reported(1, info.SerializeToString()))


async def _until(world: World, is_so: Callable[[], Awaitable[bool]]) -> int:
    """Let the rounds go on until it is so; return after how many seconds it was."""
    for second in range(_LIMIT_S):
        if await is_so():
            return second
        world.clock.advance(1)
        if second % _ROUND_S == 0:
            await world.catch_up.run_once()
        await world.library_jobs[JobKind.RECOVER].run_next()
        await world.finalize.finalize_next()
    raise AssertionError(f"not within {_LIMIT_S} s")


async def _state(world: World, recording: Recording) -> RecordingState:
    return (await world.recording(recording.id)).state


async def _stopping(world: World) -> Recording:
    """Return a recording that was stopped, whose egress LiveKit shows as active and a worker has on its list."""
    recording = await world.started()
    async with world.db.transaction() as tx:
        await recordings.stop(tx, recording.id, world.clock.now_ms())
    world.clock.advance(10)
    return recording


async def test_a_worker_that_says_it_has_ended_is_believed_and_the_bucket_asked(world: World) -> None:
    """Seen with a real worker: StopEgress was answered with 412 every 15 seconds, and nothing more happened."""
    recording = await _stopping(world)
    world.livekit.ended_unheard.add("EG_1")
    world.storage.put(recording.object_key, 1000, {"rtcstack-duration-ms": "5000"})

    async def is_ready() -> bool:
        return await _state(world, recording) is RecordingState.READY

    assert await _until(world, is_ready) <= _ROUND_S
    assert await world.told("recording.complete") == 1
    [repair] = (await world.reconciler.report()).repairs
    assert (repair.object_id, repair.details["finding"]) == (recording.id, FindingKind.END_UNHEARD)


async def test_one_that_has_ended_without_a_file_fails_and_is_not_asked_for_ever(world: World) -> None:
    recording = await _stopping(world)
    world.livekit.ended_unheard.add("EG_1")
    for _ in range(40):
        world.clock.advance(5)
        await world.catch_up.run_once()
        await world.library_jobs[JobKind.RECOVER].run_next()
    assert await _state(world, recording) is RecordingState.FAILED
    assert await world.told("recording.failed") == 1


async def test_the_spools_word_ends_a_recording_that_runs_by_all_other_books(world: World) -> None:
    recording = await world.started()
    world.clock.advance(10)
    await _end_in_spool(world, recording, EgressStatus.EGRESS_COMPLETE)
    world.storage.put(recording.object_key, 1000, {"rtcstack-duration-ms": "5000"})

    async def is_ready() -> bool:
        return await _state(world, recording) is RecordingState.READY

    await _until(world, is_ready)
    assert (await world.recording(recording.id)).duration_ms == 5000
    assert await world.told() == 1


async def test_the_spools_word_is_taken_without_livekit(world: World) -> None:
    recording = await world.started()
    world.clock.advance(10)
    await _end_in_spool(world, recording, EgressStatus.EGRESS_FAILED, "the store refused it")

    async def fail(room_name: str) -> list[object]:
        raise PartUnavailable(f"no answer about {room_name}", part="livekit")

    world.livekit.list_egresses = fail  # type: ignore[assignment]  # fault injection

    async def has_failed() -> bool:
        return await _state(world, recording) is RecordingState.FAILED

    await _until(world, has_failed)
    assert (await world.recording(recording.id)).error == "the store refused it"


async def test_what_ended_just_now_is_left_to_its_events_and_is_no_repair(world: World) -> None:
    recording = await world.started()
    world.clock.advance(10)
    await _end_in_spool(world, recording, EgressStatus.EGRESS_COMPLETE)
    world.clock.advance(9)
    assert not await world.catch_up.run_once()
    assert (await world.recording(recording.id)).is_active
    assert await world.count("audit_log") == 1  # of its start


async def test_the_spools_word_of_an_hour_ahead_is_not_taken_for_a_new_one(world: World) -> None:
    """The clock was set back since the worker wrote it down."""
    recording = await world.started()
    world.clock.advance(10)
    await _end_in_spool(world, recording, EgressStatus.EGRESS_FAILED, "the store refused it")
    world.clock.advance(-3600)
    assert await world.catch_up.run_once()
    assert await _state(world, recording) is RecordingState.FAILED


async def test_a_recorder_elsewhere_whose_object_is_complete_has_ended(world: World) -> None:
    """Its worker has it on its list for ever, and LiveKit shows it as active."""
    recording = await world.started()
    world.clock.advance(16)
    report = await world.reconciler.run_now(20)
    assert report.agrees
    world.storage.put(recording.object_key, 1000, {"rtcstack-duration-ms": "5000"})
    report = await world.reconciler.run_now(20)
    assert [found.finding.kind for found in report.findings] == [FindingKind.END_UNHEARD]
    assert await world.library_jobs[JobKind.RECOVER].run_next()
    assert await _state(world, recording) is RecordingState.READY
    assert (await world.reconciler.run_now(20)).agrees


async def test_a_worker_that_hangs_for_ever_holds_no_recording_for_ever(world: World) -> None:
    recording = await world.started()
    world.fleet.is_hung = True
    hung_s = 0
    while (await world.recording(recording.id)).is_active:
        assert hung_s <= 16 * 60
        world.clock.advance(_ROUND_S)
        hung_s += _ROUND_S
        await world.catch_up.run_once()
        await world.library_jobs[JobKind.RECOVER].run_next()
    assert hung_s >= 15 * 60
    assert (await world.recording(recording.id)).state is RecordingState.FAILED


async def test_what_a_worker_answers_to_have_is_known_although_another_hangs(world: World) -> None:
    recording = await world.started()
    running = world.fleet.running_egresses

    async def half(*_: object) -> object:
        answered = await running()
        return type(answered)(answered.egress_ids, is_complete=False)

    world.fleet.running_egresses = half  # type: ignore[method-assign]  # fault injection
    for _ in range(100):
        world.clock.advance(_ROUND_S)
        await world.catch_up.run_once()
    assert (await world.recording(recording.id)).is_active
    assert await world.count("jobs") == 0
