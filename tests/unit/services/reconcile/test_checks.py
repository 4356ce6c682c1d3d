"""LiveKit's books, rows, the spool and who is in a room, each held against what else there is."""

from dataclasses import replace
from pathlib import Path

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.finding import FindingKind
from rtcstack.domain.job import JobKind
from rtcstack.domain.participant import Participant
from rtcstack.domain.recording import RecordingState
from rtcstack.egress.dispatcher.journal import Closed, Journal, Made
from rtcstack.ports.livekit import Composite, Visitor
from rtcstack.repositories import participants
from rtcstack.services.reconcile.reconciler import Report
from tests.unit.services.conftest import TENANT, World

_PATIENCE_S = 20


async def _run(world: World) -> Report:
    report = await world.reconciler.run_now(_PATIENCE_S)
    assert [check.error for check in report.checks if check.error] == []
    return report


def _kinds(report: Report) -> list[str]:
    return [found.finding.kind for found in report.findings]


def _repaired(report: Report) -> list[str]:
    return [entry.details["finding"] for entry in report.repairs]


async def test_a_dead_workers_egress_ends_in_livekits_books_after_its_recording_has(world: World) -> None:
    recording = await world.started()
    world.clock.advance(6)
    world.fleet.lose("EG_1")
    assert FindingKind.BOOKS_BEHIND in _kinds(await _run(world))
    world.clock.advance(26)
    report = await _run(world)
    assert {FindingKind.EGRESS_GONE, FindingKind.BOOKS_BEHIND} <= set(_kinds(report))
    assert not world.livekit.egresses["EG_1"].is_ended
    await world.library_jobs[JobKind.RECOVER].run_next()
    assert (await world.recording(recording.id)).state is RecordingState.FAILED
    report = await _run(world)
    assert world.livekit.egresses["EG_1"].status is EgressStatus.FAILED
    assert _kinds(report) == []
    assert sorted(_repaired(report)) == [FindingKind.BOOKS_BEHIND, FindingKind.EGRESS_GONE]
    assert (await _run(world)).agrees


async def test_of_a_ready_one_the_books_say_that_it_is_complete(world: World) -> None:
    recording = await world.started()
    world.fleet.lose("EG_1")
    world.storage.put(recording.object_key, 1000, {"rtcstack-duration-ms": "5000"})
    for _ in range(3):
        world.clock.advance(20)
        await _run(world)
        await world.library_jobs[JobKind.RECOVER].run_next()
    assert (await world.recording(recording.id)).state is RecordingState.READY
    await _run(world)
    assert world.livekit.egresses["EG_1"].status is EgressStatus.COMPLETE


async def test_an_egress_of_a_given_up_start_that_nobody_told_of_is_stopped(world: World) -> None:
    recording = await world.started()
    async with world.db.transaction() as tx:
        sql = "UPDATE recordings SET state = 'failed', error_code = 'start_failed' WHERE id = :id"
        await tx.execute(sql, id=recording.id)
    stray = world.livekit.begin(Composite("room-abc", recording.object_key, "recordings", {}))
    report = await _run(world)
    assert stray.egress_id in world.livekit.stops
    assert FindingKind.EGRESS_UNWANTED in _repaired(report)


async def test_rows_that_nothing_is_due_for_are_taken_up_again(world: World) -> None:
    recording = await world.started()
    world.storage.put(recording.object_key, 1000, {"rtcstack-duration-ms": "5000"})
    world.livekit.egresses["EG_1"] = replace(world.livekit.egresses["EG_1"], status=EgressStatus.COMPLETE)
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE recordings SET state = 'processing', due_at_ms = NULL")
        await tx.execute(
            """INSERT INTO clips (id, tenant_id, recording_id, label, start_s, end_s, mode, state, bucket, object_key,
            created_at_ms) VALUES ('clip_1', 'default', :id, 'l', 0, 1, 'smart', 'processing', 'b', 'k', :at_ms)""",
            id=recording.id,
            at_ms=world.clock.now_ms(),
        )
    assert not await world.finalize.finalize_next()
    assert _repaired(await _run(world)) == []  # what has just begun may be on its way
    world.clock.advance(121)
    assert _repaired(await _run(world)) == [FindingKind.ROW_STUCK] * 2
    assert await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).state is RecordingState.READY
    [job] = await world.db.all("SELECT subject_id FROM jobs WHERE kind = 'clip'")
    assert job["subject_id"] == "clip_1"
    assert len(_repaired(await _run(world))) == 2


async def _keep(world: World, egress_id: str, *, is_made: bool = True) -> None:
    folder = Path(world.settings.spool_path) / egress_id
    folder.mkdir(parents=True)
    (folder / "request.json").write_text("{}")
    (folder / ("recording.mp4" if is_made else "part-1.mp4")).write_bytes(b"media")
    for entry in (Made({}, 1000), Closed()) if is_made else (Closed(),):
        await Journal(folder / "journal.jsonl").append(entry)


async def test_files_that_a_worker_has_given_up_are_listed(world: World) -> None:
    recording = await world.started()
    await _keep(world, "EG_1")
    await _keep(world, "EG_other")
    (Path(world.settings.spool_path) / "EG_other" / "part-1.mp4").touch()
    report = await _run(world)
    assert [(f.finding.kind, f.finding.subject) for f in report.findings] == [
        (FindingKind.FILE_UNKNOWN, "EG_other")
    ]
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE recordings SET state = 'failed', error_code = 'upload_refused'")
    world.livekit.egresses.clear()
    kept = next(f for f in (await _run(world)).findings if f.finding.kind is FindingKind.FILE_KEPT)
    assert (kept.finding.object_id, kept.finding.mended) == (recording.id, None)
    assert f"/api/v1/recordings/{recording.id}/retry" in kept.finding.message


async def test_of_parts_that_were_not_joined_no_file_is_promised_and_what_is_deleted_no_retry(
    world: World,
) -> None:
    recording = await world.started()
    await _keep(world, "EG_1", is_made=False)
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE recordings SET state = 'failed', error_code = 'egress_failed'")
    world.livekit.egresses.clear()
    kept = next(f for f in (await _run(world)).findings if f.finding.kind is FindingKind.FILE_KEPT)
    assert "the spool keeps its parts of 5 bytes" in kept.finding.message
    assert f"/{recording.id}/retry tries again to make one file" in kept.finding.message
    await world.recording_delete.delete(TENANT, recording.id)
    assert FindingKind.FILE_KEPT not in _kinds(await _run(world))


async def _join(world: World, sid: str) -> None:
    stay = Participant(sid, TENANT, "r", "RM_1", f"person-{sid}", world.clock.now_ms())
    async with world.db.transaction() as tx:
        await participants.join(tx, stay)


async def test_who_is_not_there_any_more_counts_no_longer(world: World) -> None:
    await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})
    for sid in ("PA_stays", "PA_gone"):
        await _join(world, sid)
    world.livekit.visitors["r"] = [Visitor("PA_stays", "person-PA_stays", 1, is_recorder=False)]
    assert (await _run(world)).agrees  # whoever came just now may not be listed yet
    world.clock.advance(30)
    report = await _run(world)
    assert [(f.finding.kind, f.finding.subject) for f in report.findings] == [
        (FindingKind.PARTICIPANT_GONE, "PA_gone")
    ]
    assert await participants.count_here(world.db, TENANT, "r") == 2  # LiveKit may be starting anew
    world.clock.advance(30)
    assert (await _run(world)).agrees
    assert await participants.count_here(world.db, TENANT, "r") == 1
    assert await world.told("participant.left") == 1
    assert _repaired(await _run(world)) == [FindingKind.PARTICIPANT_GONE]


async def test_who_is_there_again_has_not_left(world: World) -> None:
    await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})
    await _join(world, "PA_1")
    here = [Visitor("PA_1", "person-PA_1", 1, is_recorder=False)]
    for visitors in ([], here, [], here):
        world.livekit.visitors["r"] = visitors
        world.clock.advance(30)
        await _run(world)
    assert await participants.count_here(world.db, TENANT, "r") == 1
