"""What a worker takes on when several ask at the same moment."""

import asyncio
from pathlib import Path

from livekit.protocol import egress as pb

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.adapters.psrpc.messages import StartEgressRequest
from rtcstack.adapters.psrpc.server import Server
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.tools import Tools
from rtcstack.egress.dispatcher.worker import EgressWorker
from rtcstack.egress.job import OverlayJob
from rtcstack.egress.spool import Spool
from rtcstack.errors import Exhausted, PartUnavailable
from rtcstack.settings import load


def _request(number: int) -> StartEgressRequest:
    file = pb.EncodedFileOutput(filepath=f"{number}.mp4")
    composite = pb.RoomCompositeEgressRequest(room_name="room", file_outputs=[file])
    return StartEgressRequest(egress_id=f"EG_{number}", room_id="RM_1", room_composite=composite)


async def test_starts_at_the_same_moment_count_each_other(tmp_path: Path) -> None:
    """LiveKit's books cannot be asked: what is let in fails by that, and makes room."""
    environ = {"RTCSTACK_EGRESS__MAX_RECORDINGS": "1", "RTCSTACK_EGRESS__MIN_FREE_BYTES": "0"}
    settings, spool = load(environ, data=tmp_path), Spool(tmp_path / "spool")
    bus = Bus(settings.redis)
    tools = Tools(settings.livekit, IOInfoClient(bus), Nursery("info", "json"), OverlayJob())
    worker = EgressWorker(settings, spool, Server(bus), tools)
    starts = (worker.start_egress(_request(number)) for number in range(3))
    kinds = [type(fault) for fault in await asyncio.gather(*starts, return_exceptions=True)]
    assert kinds == [PartUnavailable, Exhausted, Exhausted]
    assert worker.capacity().running == 0
    again = await asyncio.gather(worker.start_egress(_request(3)), return_exceptions=True)
    assert [type(fault) for fault in again] == [PartUnavailable]
    spool.close()
