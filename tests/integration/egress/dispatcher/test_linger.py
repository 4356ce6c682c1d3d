"""A worker that is to end, and lets its recordings run until somebody else ends them."""

import asyncio
import signal
from pathlib import Path

import pytest
from livekit import api

from rtcstack.adapters.psrpc.readiness import FleetReadiness
from tests.integration.egress.dispatcher.harness import WorkerProcess, sentences
from tests.integration.egress.dispatcher.room import GREEN, RED, Room, until
from tests.integration.egress.recorder.footage import Footage, close_to


@pytest.fixture
def worker(stopped_worker: WorkerProcess) -> WorkerProcess:
    stopped_worker.start(RTCSTACK_EGRESS__LINGER_S="600")
    return stopped_worker


async def _sign(room: Room, fleet: FleetReadiness) -> None:
    """Ask the worker to end, and return when it says that it takes no more."""

    async def takes_none() -> bool:
        return not any(found.can_record for found in (await fleet.capacity()).workers)

    room.worker.signal(signal.SIGTERM)
    await until(takes_none)


async def test_recordings_go_on_until_somebody_ends_them_and_no_other_is_begun(
    room: Room, fleet: FleetReadiness, tmp_path: Path
) -> None:
    ann = await room.come(colour=RED)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=1.5)
    await _sign(room, fleet)
    with pytest.raises(api.TwirpError):
        await room.caller.start(filepath=f"{room.caller.room_name}/more.mp4")
    await asyncio.to_thread(ann.do, "change", colour=GREEN)
    await asyncio.sleep(2.5)
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)

    assert await room.worker.wait() == 0
    assert sentences(made.info) == ["End reason: StopEgress API"]
    assert made.colours() == ["red", "green"]
    assert room.worker.folders() == []


async def test_a_second_sign_ends_them_at_once_with_a_valid_file(
    room: Room, fleet: FleetReadiness, tmp_path: Path
) -> None:
    await room.come(colour=RED)
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=1.5)
    await _sign(room, fleet)
    room.worker.signal(signal.SIGTERM)
    assert await room.worker.wait() == 0
    for part in (room.worker.spool / egress_id).glob("part-*.mp4"):
        assert close_to(Footage.read(part).colour(1.0, 640, 360), RED)
    room.worker.start()
    made = await room.ended(egress_id, tmp_path)
    assert sentences(made.info) == ["End reason: Worker stopped"]
    assert made.colours() == ["red"]
    await room.worker.wait_until_empty()
