"""LiveKit repeats a start whose answer was lost, and another worker may be the quicker one to bid for it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from livekit import api
from livekit.protocol.egress import EgressInfo

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.client import Client
from rtcstack.adapters.psrpc.messages import StartEgressRequest
from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.errors import PartRefused
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S, WorkerProcess
from tests.integration.egress.dispatcher.room import RED, Room


class _Choosy(Client):
    """Gives no request to those who are in `spurned`."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus, "EgressInternal", part="egress")
        self.claimed_by: list[str] = []
        self.spurned: set[str] = set()

    async def _on_claim(self, claim: Any) -> None:
        self.claimed_by.append(claim.server_id)
        if claim.server_id not in self.spurned:
            await super()._on_claim(claim)

    async def start_egress(self, room_name: str, egress_id: str) -> EgressInfo:
        file = api.EncodedFileOutput(filepath=f"{room_name}/take.mp4")
        composite = api.RoomCompositeEgressRequest(room_name=room_name, file_outputs=[file])
        request: Any = StartEgressRequest(egress_id=egress_id, room_composite=composite)
        return await self.request("StartEgress", request, EgressInfo, timeout_s=10)


@pytest.fixture
async def livekit(settings: Settings) -> AsyncIterator[_Choosy]:
    bus = Bus(settings.redis)
    await bus.start()
    client = _Choosy(bus)
    await client.start()
    yield client
    await bus.close()


async def test_a_start_that_is_repeated_to_another_worker_leaves_the_recording_alone(
    room: Room, other_worker: WorkerProcess, livekit: _Choosy, fleet: FleetReadiness, tmp_path: Path
) -> None:
    await room.come(colour=RED)
    egress_id = await room.record()
    again = await livekit.start_egress(room.caller.room_name, egress_id)
    assert again.egress_id == egress_id
    livekit.spurned = set(livekit.claimed_by)  # the worker that records: it is the only one there
    other_worker.start()
    async with asyncio.timeout(PATIENCE_S):
        while len((await fleet.capacity()).workers) < 2:
            await asyncio.sleep(0.05)

    told = f"egress {egress_id} is being recorded by another worker"
    with pytest.raises(PartRefused, match=told) as caught:
        await livekit.start_egress(room.caller.room_name, egress_id)
    assert caught.value.details["psrpc_code"] == "failed_precondition"
    assert set(livekit.claimed_by) > livekit.spurned
    assert (room.worker.folders(), other_worker.folders()) == ([egress_id], [])

    part = room.worker.spool / egress_id / "part-1.mp4"
    await room.until_recorded(egress_id, part=1, seconds=3.0)
    assert part.exists()
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)
    made.check_plays()
    assert (len(made.spans), made.colours()) == (1, ["red"])
    assert made.info["details"].startswith("End reason: StopEgress API")
    with pytest.raises(PartRefused, match=f"egress {egress_id} has ended"):
        await livekit.start_egress(room.caller.room_name, egress_id)
    assert other_worker.folders() == []
