"""Promises 7 and 8: the recorder or the store is killed while a room is recorded, and what was recorded is kept."""

import asyncio
import time
from pathlib import Path

import pytest

from rtcstack.appliance import state
from rtcstack.demo.inspect import Inspection, inspect
from tests.chaos.counts import Counts
from tests.chaos.faults import FAULTS, kill_worker, until_well
from tests.chaos.persistent import Persistent
from tests.chaos.waiting import until
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance
from tests.support.standstill import standing_still

pytestmark = [pytest.mark.chaos, pytest.mark.alone, pytest.mark.appliance]
_TERMINAL = {"ready", "archived", "failed"}


async def _recorded_for(seconds: float, caller: Caller, room: str) -> tuple[str, float]:
    """Record the room for at least so long; return the egress id and since when, monotonic, there were pictures."""
    await caller.room(room)
    egress_id = str((await caller.start(room))["egressId"])
    await caller.until_active(room)
    began_s = time.monotonic()
    await asyncio.sleep(seconds)
    return egress_id, began_s


def _look(file: Path) -> Inspection:
    """Decode all of it: what is damaged raises."""
    return inspect(file, [])


async def test_07_what_a_killed_recorder_wrote_plays_to_within_a_second_of_the_kill(
    caller: Caller, appliance: Appliance
) -> None:
    """Mechanism: the file consists of fragments of half a second, and the next worker finishes it."""
    egress_id, began_s = await _recorded_for(4, caller, "killed")
    recorded_s = time.monotonic() - began_s
    kill_worker(appliance)
    await Persistent(caller).stop("killed")
    ended = await caller.ended(egress_id)
    assert "error" not in ended
    seen = await asyncio.to_thread(_look, await caller.download("killed"))
    assert seen.video is not None
    assert seen.video.duration_s >= recorded_s - 1
    assert len(caller.endpoint.about(egress_id)) == 1
    await until_well(appliance)


async def test_08_the_file_arrives_although_the_store_hangs_when_the_recording_ends(
    caller: Caller, appliance: Appliance, counts: Counts
) -> None:
    """Mechanism: the file stays in the spool until the store has confirmed it; trouble that may pass is waited out."""
    egress_id, began_s = await _recorded_for(2, caller, "store-hangs")
    recorded_s = time.monotonic() - began_s
    with standing_still((await asyncio.to_thread(appliance.part, "minio"))["pid"]):
        await Persistent(caller).stop("store-hangs")
        await asyncio.sleep(counts.store_down_s)
        assert caller.endpoint.about(egress_id) == []
        assert (await caller.recordings("store-hangs"))[0]["status"] not in _TERMINAL
    await _has_arrived(caller, "store-hangs", egress_id, recorded_s)
    await until_well(appliance)


async def test_08_the_file_arrives_although_the_store_is_killed_when_the_recording_ends(
    caller: Caller, appliance: Appliance
) -> None:
    """Mechanism: the same. The supervisor stands still, and does not start another one, until the worker has found it away."""
    egress_id, began_s = await _recorded_for(2, caller, "store-killed")
    recorded_s = time.monotonic() - began_s
    [recording] = await caller.recordings("store-killed")

    async def is_found_away() -> bool:
        shown = (
            (await caller.http.get(f"/v1/recordings/{recording['recordingId']}")).raise_for_status().json()
        )
        return "upload_waits" in shown or shown["status"] in _TERMINAL

    running = state.read(appliance.folder)
    assert running is not None
    with standing_still(running.supervisor_pid):
        await FAULTS["MinIO is killed"](appliance)
        await Persistent(caller).stop("store-killed")
        await until(is_found_away, "the upload waits")
    await _has_arrived(caller, "store-killed", egress_id, recorded_s)
    await until_well(appliance)


async def _has_arrived(caller: Caller, room: str, egress_id: str, recorded_s: float) -> None:
    """Wait for the recording's end, and hold its object against what was recorded."""
    ended = await caller.ended(egress_id)
    assert "error" not in ended
    file = await caller.download(room)
    assert file.stat().st_size == ended["size"]
    seen = await asyncio.to_thread(_look, file)
    assert seen.video is not None
    assert seen.video.duration_s >= recorded_s - 1
