"""What a worker finds in its spool when it starts: recordings that go on, and those that are finished as they are."""

import asyncio
import json
from pathlib import Path

import pytest

from rtcstack.adapters.psrpc.readiness import FleetReadiness
from tests.integration.egress.dispatcher.harness import WorkerProcess
from tests.integration.egress.dispatcher.room import GREEN, RED, TONE_HZ, Room

pytestmark = pytest.mark.alone  # pictures and sound are held against the clock


@pytest.fixture
def worker(stopped_worker: WorkerProcess) -> WorkerProcess:
    """One that each test starts itself."""
    return stopped_worker


async def test_what_is_found_too_late_is_finished_as_it_is(room: Room, tmp_path: Path) -> None:
    room.worker.start()
    await room.come(colour=RED, tone_hz=TONE_HZ)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=2.5)
    room.worker.kill()
    room.worker.start(RTCSTACK_EGRESS__RESUME_WITHIN_S="0")
    made = await room.ended(egress_id, tmp_path)
    made.check_plays()
    assert made.colours() == ["red"]
    made.check_end(RED)
    assert len(made.spans) == 1
    made.check_lost(await room.looked_s(egress_id))
    assert "End reason: Process killed" in made.info["details"]


async def test_what_was_stopped_while_its_worker_was_away_does_not_go_on(room: Room, tmp_path: Path) -> None:
    room.worker.start()
    await room.come(colour=RED)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=1.5)
    room.worker.kill()
    fleet = FleetReadiness(room.settings.redis)
    try:
        await fleet.note_stop(egress_id)
    finally:
        await fleet.close()
    room.worker.start()
    made = await room.ended(egress_id, tmp_path)
    assert len(made.spans) == 1
    await room.worker.wait_until_empty()


async def test_one_whose_journal_is_lost_is_finished_by_livekits_books(room: Room, tmp_path: Path) -> None:
    room.worker.start()
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=1.5)
    room.worker.kill()
    (room.worker.spool / egress_id / "journal.jsonl").unlink()
    room.worker.start()
    made = await room.ended(egress_id, tmp_path)
    assert made.duration_s > 1
    made.check_plays()
    await room.worker.wait_until_empty()


async def test_after_a_restart_of_the_machine_people_have_a_moment_to_come_back(
    room: Room, tmp_path: Path
) -> None:
    room.worker.start()
    ann = await room.come(colour=RED)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=1.5)
    room.worker.kill()
    await asyncio.to_thread(ann.do, "leave")
    _restart_machine(room.worker.spool / egress_id / "journal.jsonl")
    room.worker.start()
    await room.come(colour=GREEN)
    await room.until_recorded(egress_id, part=2, seconds=1.5)
    await room.caller.stop(egress_id)
    assert (await room.ended(egress_id, tmp_path)).colours() == ["red", "green"]


def _restart_machine(journal: Path) -> None:
    """Let the journal be of another run of the machine."""
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    begun = [entry for entry in entries if entry["type"] == "part_begun"]
    assert begun[-1]["boot_id"]
    begun[-1]["boot_id"] = "another"
    journal.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
