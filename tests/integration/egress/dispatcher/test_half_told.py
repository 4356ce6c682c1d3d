"""A worker that died between two lines of a journal."""

import json
from pathlib import Path

import pytest

from tests.integration.egress.dispatcher.harness import WorkerProcess
from tests.integration.egress.dispatcher.room import RED, Room, until


@pytest.fixture
def worker(stopped_worker: WorkerProcess) -> WorkerProcess:
    """One that the test starts itself."""
    return stopped_worker


def _forget_all_after(kind: str, journal: Path) -> None:
    lines = journal.read_text().splitlines()
    kinds = [json.loads(line)["type"] for line in lines]
    journal.write_text("".join(line + "\n" for line in lines[: kinds.index(kind) + 1]))


async def test_one_that_had_noted_the_first_frame_and_not_told_it_is_told_as_active(
    room: Room, tmp_path: Path
) -> None:
    room.worker.start()
    await room.come(colour=RED)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=1.5)
    room.worker.kill()
    _forget_all_after("first_frame", room.worker.spool / egress_id / "journal.jsonl")

    async def is_told_again() -> bool:
        return [status for _, status in room.hooks.of(egress_id)].count("EGRESS_ACTIVE") == 2

    room.worker.start()
    await until(is_told_again)
    await room.until_recorded(egress_id, part=2, seconds=1.5)
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)
    assert int(made.info["startedAt"]) == made.spans[0].wall_ns
