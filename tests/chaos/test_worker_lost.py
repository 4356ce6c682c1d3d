"""Promise 6: an Egress worker dies with its recorders and its spool: every surface stays usable, every recording comes to an end."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable

import pytest

from tests.chaos.waiting import until
from tests.e2e.conftest import Caller
from tests.e2e.halls import HallCaller
from tests.e2e.lost import lose_worker
from tests.support.appliance import Appliance

pytestmark = [pytest.mark.chaos, pytest.mark.alone, pytest.mark.appliance]
_WITHIN_S = 60
"""What is promised; it takes three quarters of that, most of it waiting."""


@pytest.fixture
async def halls(caller: Caller, appliance: Appliance) -> AsyncIterator[HallCaller]:
    async with HallCaller(caller, appliance) as opened:
        yield opened


async def _failed(halls: HallCaller, recording_id: str) -> None:
    async def has_failed() -> bool:
        return bool((await halls.get(f"/v1/recordings/{recording_id}"))["status"] == "failed")

    await until(has_failed, "the recording fails")


async def _recording_id(caller: Caller, room_id: str) -> str:
    return str((await caller.recordings(room_id))[0]["recordingId"])


async def test_06_every_recording_of_a_lost_worker_fails_in_time_and_nothing_is_stuck(
    halls: HallCaller, caller: Caller, appliance: Appliance, figure: Callable[[str], None]
) -> None:
    """Mechanism: `EgressWatch` asks the workers what they record, `CatchUp` ends what none of them has."""
    hall_id = (await halls.create(name="lost", record=True))["hall_id"]
    await halls.until_recorded(hall_id)
    rooms = [await caller.room(f"lost-{name}") for name in ("stopped", "library", "deleted", "left-alone")]
    stopped, library, deleted, left_alone = rooms
    egress_ids = {room: (await caller.start(room))["egressId"] for room in rooms}
    for room in rooms:
        await caller.until_active(room)
    recordings = {room: await _recording_id(caller, room) for room in (hall_id, *rooms)}

    died_at_s = time.monotonic()
    await lose_worker(appliance)

    assert await halls.close(hall_id) == 204
    assert await caller.stop(stopped) == {"egressId": egress_ids[stopped], "status": "stopping"}
    answer = await caller.http.post(f"/api/v1/rooms/{library}/recordings/stop")
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "processing")
    assert (await caller.http.delete(f"/v1/rooms/{deleted}")).status_code == 204
    assert await caller.status(stopped) == {"active": False}
    # A stopped one makes room for the next at once.
    assert (await caller.start(stopped))["egressId"] != egress_ids[stopped]

    for room, recording_id in recordings.items():
        await _failed(halls, recording_id)
        event = await halls.event("recording.failed", room)
        assert event["data"]["recording_id"] == recording_id
        assert "worker that recorded it is gone" in event["data"]["error"]
    took_s = time.monotonic() - died_at_s
    assert took_s <= _WITHIN_S, "it is known in time"
    figure(f"6: the worker lost with its spool: the last recording ended {took_s:.0f} s after that")
    ended = await caller.ended(egress_ids[left_alone])
    assert (ended["file"], ended["duration"], ended["size"]) == (None, 0, 0)
    assert await caller.status(left_alone) == {"active": False}
    assert (await caller.http.post(f"/v1/rooms/{left_alone}/recording/stop")).status_code == 404
    assert (await caller.http.delete(f"/api/v1/recordings/{recordings[left_alone]}")).status_code == 200

    # Each was told once.
    for room in recordings:
        assert len(halls.events("recording.failed", room)) == 1
    for room in rooms:
        assert len(caller.endpoint.about(egress_ids[room])) == 1
    await caller.stop(stopped)


async def test_06_a_worker_that_is_killed_and_comes_back_loses_nothing(
    caller: Caller, appliance: Appliance
) -> None:
    """Mechanism: the spool and its journal, which the next worker takes up."""
    room = await caller.room("comes-back")
    await caller.join(room, 0)
    started = await caller.start(room)
    await caller.until_active(room)
    await asyncio.sleep(2)
    os.kill(appliance.part("egress")["pid"], signal.SIGKILL)
    assert (await caller.stop(room))["egressId"] == started["egressId"]

    async def is_told() -> bool:
        return bool(caller.endpoint.about(started["egressId"]))

    await until(is_told, "the recording's end is told")
    ended = await caller.ended(started["egressId"])
    assert "error" not in ended
    assert ended["duration"] >= 2
    [recording] = await caller.recordings(room)
    assert recording["status"] == "ready"
    assert len(caller.endpoint.about(started["egressId"])) == 1
