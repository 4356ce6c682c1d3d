"""A pause outlives whoever dies in it, and ends when it is resumed."""

import asyncio
from pathlib import Path

import pytest

from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.domain.loss import read_recovered
from rtcstack.ports.fleet import Heard
from tests.integration.egress.dispatcher.harness import WorkerProcess, end_process
from tests.integration.egress.dispatcher.room import BLUE, GREEN, RED, Room, until

pytestmark = pytest.mark.alone  # pictures and sound are held against the clock
_IN_THE_PAUSE_S = 1.5


@pytest.mark.parametrize("dies", ["nobody", "recorder", "worker"])
async def test_nothing_of_a_pause_is_in_the_file_whoever_dies_in_it(
    room: Room, fleet: FleetReadiness, dies: str, tmp_path: Path
) -> None:
    ann = await room.come(colour=RED)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=2.0)
    assert await fleet.set_paused(egress_id, is_paused=True) is Heard.TAKEN
    await asyncio.sleep(0.5)  # the last fragment before the pause reaches the disk with the next one only
    await asyncio.to_thread(ann.do, "change", colour=BLUE)
    await _kill(room, egress_id, dies)
    await asyncio.sleep(_IN_THE_PAUSE_S)  # so much of the room is to be left out
    await asyncio.to_thread(ann.do, "change", colour=GREEN)
    await asyncio.sleep(_IN_THE_PAUSE_S)  # pictures are on their way for a while
    await until(lambda: _is_taken(fleet, egress_id))
    part = 1 if dies == "nobody" else 2
    await room.until_recorded(egress_id, part=part, seconds=1.5, spans=2 if dies == "nobody" else 1)
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)

    assert made.colours() == ["red", "green"]
    made.check_plays()
    [gap_s] = made.gaps_s()
    assert gap_s > _IN_THE_PAUSE_S
    gaps = read_recovered(made.info["details"])
    if dies == "nobody":
        assert [span.after for span in made.spans] == ["", "pause"]
        assert gaps is None
    else:
        assert [span.after for span in made.spans] == ["", "loss"]
        assert gaps is not None
        assert sum(gap.lost_ms for gap in gaps) / 1000 < gap_s - _IN_THE_PAUSE_S
    await room.worker.wait_until_empty()


async def test_a_recording_that_is_stopped_in_a_pause_ends_where_that_began(
    room: Room, fleet: FleetReadiness, tmp_path: Path
) -> None:
    await room.come(colour=RED)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=2.0)
    assert await fleet.set_paused(egress_id, is_paused=True) is Heard.TAKEN
    await asyncio.sleep(_IN_THE_PAUSE_S)
    await _kill(room, egress_id, "recorder")
    await until(lambda: _has_part(room, egress_id, 2))
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)
    wall_s = (int(made.info["endedAt"]) - made.spans[0].wall_ns) / 1e9
    assert 1.0 < made.duration_s < wall_s - _IN_THE_PAUSE_S
    assert made.colours() == ["red"]
    assert await fleet.set_paused(egress_id, is_paused=True) in {Heard.REFUSED, Heard.BY_NOBODY}


async def test_recorders_that_die_far_apart_in_a_pause_do_not_end_the_recording(
    room: Room, fleet: FleetReadiness, tmp_path: Path
) -> None:
    """None of them has anything in its file."""
    ann = await room.come(colour=RED)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=2.0)
    assert await fleet.set_paused(egress_id, is_paused=True) is Heard.TAKEN
    for part, lived_s in enumerate((1.5, 3.0, 30.0, 3.0), start=2):  # no three within 30 s
        await asyncio.sleep(lived_s)
        await _kill(room, egress_id, "recorder")
        await until(lambda part=part: _has_part(room, egress_id, part))
    await asyncio.to_thread(ann.do, "change", colour=GREEN)
    await asyncio.sleep(_IN_THE_PAUSE_S)
    await until(lambda: _is_taken(fleet, egress_id))
    await room.until_recorded(egress_id, part=5, seconds=1.5)
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)
    assert made.colours() == ["red", "green"]
    made.check_plays()


async def test_what_nobody_runs_is_heard_by_nobody(worker: WorkerProcess, fleet: FleetReadiness) -> None:
    del worker  # one that is there, but does not have it
    assert await fleet.set_paused("EG_nowhere", is_paused=True) is Heard.BY_NOBODY


async def _kill(room: Room, egress_id: str, who: str) -> None:
    if who == "recorder":
        end_process(room.worker.recorder_pid(egress_id))
    elif who == "worker":
        room.worker.kill()
        await asyncio.to_thread(room.worker.start)


async def _is_taken(fleet: FleetReadiness, egress_id: str) -> bool:
    return await fleet.set_paused(egress_id, is_paused=False) is Heard.TAKEN


async def _has_part(room: Room, egress_id: str, part: int) -> bool:
    return (room.worker.spool / egress_id / f"part-{part}.mp4").exists()
