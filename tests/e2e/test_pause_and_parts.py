"""A customer pauses a recording, and does not notice that the API and a recorder die meanwhile but for what is told."""

import asyncio
import os
import signal
import time
from typing import Any

from rtcstack.egress.spool import RECORDER_LOCK
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance

_WAIT_S = 60
_RECORDED_S = 2.0


async def _call(caller: Caller, room: str, what: str) -> dict[str, Any]:
    answer = await caller.http.post(f"/v1/rooms/{room}/recording/{what}")
    return dict(answer.raise_for_status().json())


async def _kill_api(appliance: Appliance) -> None:
    before = (await asyncio.to_thread(appliance.part, "api"))["pid"]
    os.kill(before, signal.SIGKILL)
    async with asyncio.timeout(_WAIT_S):
        while True:
            now = await asyncio.to_thread(appliance.part, "api")
            if now["pid"] not in {None, before} and now["state"] == "healthy":
                return
            await asyncio.sleep(0.2)


async def _kill_recorder(appliance: Appliance, egress_id: str) -> None:
    """Return when the next one writes."""
    folder = appliance.settings.spool_path / egress_id
    os.kill(int((folder / RECORDER_LOCK).read_text()), signal.SIGKILL)
    async with asyncio.timeout(_WAIT_S):
        while not (folder / "part-2.spans.json").exists():
            await asyncio.sleep(0.05)


async def test_a_pause_outlives_the_api_and_what_a_dead_recorder_lost_is_told(
    caller: Caller, appliance: Appliance
) -> None:
    room = await caller.room("paused")
    for what in ("pause", "resume"):
        assert (await caller.http.post(f"/v1/rooms/{room}/recording/{what}")).status_code == 404
    somebody, heard = await caller.join(room, 0), []
    somebody.publisher._room.on(
        "data_received", lambda packet: heard.append((packet.topic, packet.participant))
    )
    egress_id = (await caller.start(room))["egressId"]
    await caller.until_active(room)
    began_s = time.monotonic()
    await asyncio.sleep(_RECORDED_S)

    for _ in range(2):
        assert await _call(caller, room, "pause") == {"egressId": egress_id, "status": "paused"}
    paused_s = time.monotonic()
    assert (await caller.status(room))["paused"] is True
    await _kill_api(appliance)
    assert (await caller.status(room))["paused"] is True
    assert (await caller.start(room))["egressId"] == egress_id
    paused_s = time.monotonic() - paused_s
    for _ in range(2):
        assert await _call(caller, room, "resume") == {"egressId": egress_id, "status": "active"}
    assert "paused" not in await caller.status(room)
    async with asyncio.timeout(_WAIT_S):
        while len(heard) < 3:  # at each pause, and when it goes on
            await asyncio.sleep(0.05)
    assert set(heard) == {("rtcstack.recording", None)}

    await asyncio.sleep(_RECORDED_S)
    await _kill_recorder(appliance, egress_id)
    await asyncio.sleep(_RECORDED_S)
    await caller.stop(room)
    ended = await caller.ended(egress_id)
    whole_s = time.monotonic() - began_s

    [recording] = await caller.recordings(room)
    shown = (await caller.http.get(f"/v1/recordings/{recording['recordingId']}")).json()
    assert shown["status"] == "complete"
    assert shown["recovered"] is True
    assert 1 <= len(shown["gaps"]) <= 2
    assert shown["lost_seconds"] == sum(gap["lost_seconds"] for gap in shown["gaps"]) > 0
    assert "paused" not in shown
    details = (await caller.http.get(f"/api/v1/recordings/{recording['recordingId']}")).json()["data"]
    assert details["gaps"] == shown["gaps"]
    assert 2 <= ended["duration"] <= whole_s - paused_s + 1
    assert {"event", "egressId", "roomId", "file", "duration", "size"} == set(ended)
    assert (await caller.download(room)).stat().st_size == ended["size"]
