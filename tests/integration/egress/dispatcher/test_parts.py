"""A recorder or worker that dies with people in the room: the recording goes on, and says what it lacks."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from livekit import api

from rtcstack.domain.loss import read_recovered
from rtcstack.domain.notes import read_notes
from tests.integration.egress.dispatcher.harness import WorkerProcess, end_process
from tests.integration.egress.dispatcher.room import BLUE, GREEN, RED, Room, until
from tests.integration.egress.recorder.footage import Footage, at_place, close_to
from tests.support.deaf_relay import DeafRelay

pytestmark = pytest.mark.alone  # pictures and sound are held against the clock
_LONGEST_GAP_S = 20.0
"""A machine that is busy with other tests; what it is by itself says docs/benchmarks.md."""


@pytest.fixture
def worker(stopped_worker: WorkerProcess) -> WorkerProcess:
    """One that each test starts itself."""
    return stopped_worker


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "panicked"])
async def test_a_dead_recorders_recording_goes_on_in_a_new_part(
    room: Room, tmp_path: Path, how: signal.Signals
) -> None:
    """A panic of the native library raises SIGTERM in its own process."""
    room.worker.start()
    ann = await room.come(colour=RED, tone_hz=440)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=2.5)
    os.kill(room.worker.recorder_pid(egress_id), how)
    await asyncio.to_thread(ann.do, "change", colour=GREEN)
    await room.until_recorded(egress_id, part=2, seconds=2.5)
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)

    made.check_plays()
    assert made.colours() == ["red", "green"]
    assert [span.after for span in made.spans] == ["", "loss"]
    [gap_s] = made.gaps_s()
    assert 0 < gap_s < _LONGEST_GAP_S
    [told] = read_recovered(made.info["details"]) or ()
    assert abs(told.lost_ms / 1000 - gap_s) < 0.1
    assert abs(told.at_ms - made.spans[1].pts_ms) < 100
    assert "End reason: StopEgress API" in made.info["details"]
    wall_s = (int(made.info["fileResults"][0]["endedAt"]) - made.spans[0].wall_ns) / 1e9
    assert abs(made.duration_s + gap_s - wall_s) < 0.5
    states = [status for _, status in room.hooks.of(egress_id)]
    assert states.count("EGRESS_ACTIVE") == 1
    await room.worker.wait_until_empty()


async def test_a_layout_that_was_changed_outlives_its_recorder(room: Room, tmp_path: Path) -> None:
    room.worker.start()
    await room.come(colour=RED, tone_hz=440)
    await asyncio.to_thread(room.stage.come, "bob", colour=BLUE)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=2.0)
    asked = api.UpdateLayoutRequest(egress_id=egress_id, layout="single-speaker")
    await room.caller.lk.egress.update_layout(asked)
    await room.worker.until_logged('"event": "layout"')
    end_process(room.worker.recorder_pid(egress_id))
    await room.until_recorded(egress_id, part=2, seconds=2.5)
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)

    footage, later_s = Footage.read(made.file), made.spans[1].pts_ms / 1000
    left, right = (320, 360), (960, 360)
    before = [picture for at, picture in footage.pictures if at < later_s]
    assert any(
        close_to(at_place(picture, *left), RED) and close_to(at_place(picture, *right), BLUE)
        for picture in before
    )
    for place in (left, right):
        assert close_to(footage.colour(made.duration_s - 0.2, *place), RED)
    shown = [at_place(picture, *right) for at, picture in footage.pictures if at > later_s]
    assert not any(close_to(colour, BLUE) for colour in shown), "not for a moment"


async def test_a_recorder_that_is_cut_off_and_does_not_come_back_is_followed_by_another(
    room: Room, tmp_path: Path
) -> None:
    """The way to LiveKit is cut, then LiveKit does not know it, then its join hangs, which takes ten seconds."""
    livekit = room.settings.livekit
    async with DeafRelay(livekit.host, livekit.port) as relay:
        relay.is_deaf = False
        room.worker.start(RTCSTACK_LIVEKIT__PORT=str(relay.port))
        ann = await room.come(colour=RED, tone_hz=440)
        egress_id = await room.record()
        await room.until_recorded(egress_id, part=1, seconds=1.5)
        cut_s, relay.turns_away = time.time(), True
        relay.cut()
        await room.worker.until_logged('"event": "disconnected"')
        relay.turns_away, relay.is_deaf = False, True
        await asyncio.to_thread(ann.do, "change", colour=GREEN)
        await room.worker.until_logged("rejoin_timed_out")
        relay.is_deaf = False
        await room.until_recorded(egress_id, part=2, seconds=1.5)
        await room.caller.stop(egress_id)
        made = await room.ended(egress_id, tmp_path)

    made.check_plays()
    assert made.colours() == ["red", "green"]
    assert [span.after for span in made.spans] == ["", "loss"]
    [told] = read_recovered(made.info["details"]) or ()
    assert abs(told.lost_ms / 1000 - made.gaps_s()[0]) < 0.1
    [note] = [note for note in read_notes(made.info["details"]) if note.startswith("cut off: for ")]
    first, second = made.spans
    without_s = (first.wall_ns / 1e9 + (second.pts_ms - first.pts_ms) / 1000) - cut_s
    assert abs(float(note.split()[3]) - without_s) < 1.5, "the file went on without the room"
    await room.worker.wait_until_empty()


async def test_a_recorder_that_dies_again_and_again_ends_the_recording(room: Room, tmp_path: Path) -> None:
    room.worker.start()
    egress_id = await room.record()
    for part in (1, 2, 3):
        await room.until_recorded(egress_id, part=part, seconds=1.5)
        end_process(room.worker.recorder_pid(egress_id))
    made = await room.ended(egress_id, tmp_path)
    made.check_plays()
    assert "End reason: Process killed; the recorder died again and again" in made.info["details"]
    assert len(made.spans) == 3
    assert len(read_recovered(made.info["details"]) or ()) >= 2
    await room.worker.wait_until_empty()


async def test_a_killed_worker_goes_on_where_people_are(room: Room, tmp_path: Path) -> None:
    """What its settings say meanwhile is for the recordings that begin then: the parts become one file."""
    room.worker.start(RTCSTACK_EGRESS__CRF="30")
    ann = await room.come(colour=RED, tone_hz=440)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=2.0)
    room.worker.kill()
    await asyncio.to_thread(ann.do, "change", colour=GREEN)
    room.worker.start(RTCSTACK_EGRESS__CRF="18")
    await room.until_recorded(egress_id, part=2, seconds=2.0)
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)
    made.check_plays()
    assert made.colours() == ["red", "green"]
    assert made.rate_factor == 30
    [gap_s] = made.gaps_s()
    [told] = read_recovered(made.info["details"]) or ()
    assert abs(told.lost_ms / 1000 - gap_s) < 0.1
    await room.worker.wait_until_empty()


async def test_a_killed_worker_goes_on_in_the_room_to_which_people_came_back(
    room: Room, tmp_path: Path
) -> None:
    """A LiveKit that has forgotten its rooms gives the room another id when somebody comes back to it."""
    livekit = room.settings.livekit
    async with DeafRelay(livekit.host, livekit.port) as relay:
        relay.is_deaf = False
        room.worker.start(RTCSTACK_LIVEKIT__PORT=str(relay.port))
        await room.come(colour=RED)
        egress_id = await room.record()
        await room.until_recorded(egress_id, part=1, seconds=1.5)
        relay.turns_away = True
        relay.cut()
        await room.worker.until_logged('"event": "disconnected"')
        await room.caller.delete_room()
        await room.come(colour=GREEN)
        relay.turns_away = False
        await _until_noted(room.worker.spool / egress_id / "journal.jsonl", "room_now")
        room.worker.kill()
    room.worker.start()
    await room.until_recorded(egress_id, part=2, seconds=1.5)
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)

    made.check_plays()
    assert [span.after for span in made.spans] == ["", "loss"]
    footage = Footage.read(made.file)
    assert close_to(footage.colour(1.0, 640, 360), RED)
    assert close_to(footage.colour(made.duration_s - 0.2, 640, 360), GREEN)
    assert "End reason: StopEgress API" in made.info["details"]
    await room.worker.wait_until_empty()


async def _until_noted(journal: Path, kind: str) -> None:
    async def is_noted() -> bool:
        return f'"{kind}"' in await asyncio.to_thread(journal.read_text)

    await until(is_noted)
