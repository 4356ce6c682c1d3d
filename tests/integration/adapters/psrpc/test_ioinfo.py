"""LiveKit's own IOInfo service takes what we send and gives it back."""

import time
import uuid

import pytest
from livekit.protocol.egress import EgressInfo, EgressStatus

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.errors import PartRefused
from tests.support.single_part import SinglePart


async def test_an_egress_is_created_updated_and_listed_by_livekit(
    bus: Bus, livekit_server: SinglePart
) -> None:
    del livekit_server  # only has to run
    io = IOInfoClient(bus)
    await io.start()
    info = EgressInfo(egress_id=f"EG_{uuid.uuid4().hex[:12]}", room_name=f"room-{uuid.uuid4().hex[:8]}")
    await io.create_egress(info)
    assert await io.get_egress(info.egress_id) == info
    assert await io.list_egress(room_name=info.room_name, active=True) == [info]
    info.status, info.ended_at = EgressStatus.EGRESS_COMPLETE, time.time_ns()
    await io.update_egress(info)
    assert await io.list_egress(room_name=info.room_name, active=True) == []
    assert await io.list_egress(room_name=info.room_name) == [info]


async def test_an_unknown_egress_is_not_found(bus: Bus, livekit_server: SinglePart) -> None:
    del livekit_server  # only has to run
    io = IOInfoClient(bus)
    await io.start()
    assert await io.find_egress("EG_nobody") is None
    with pytest.raises(PartRefused) as caught:
        await io.get_egress("EG_nobody")
    assert caught.value.details["psrpc_code"] == "not_found"
