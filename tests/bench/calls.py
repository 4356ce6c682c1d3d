"""How long a start takes to be answered, beside LiveKit's own call for the same worker."""

import asyncio
import time

from livekit import api as livekit

from tests.bench.figures import Figure, of
from tests.bench.meeting import hold, livekit_api
from tests.support.appliance import Appliance

_TIMES = 10
_RECORD_S = 1
_START_MS = 100


async def _through_livekit(appliance: Appliance, room_id: str) -> float:
    request = livekit.RoomCompositeEgressRequest(
        room_name=room_id, file_outputs=[livekit.EncodedFileOutput(filepath=f"bench/{room_id}.mp4")]
    )
    async with livekit_api(appliance) as api:
        began = time.monotonic()
        info = await api.egress.start_room_composite_egress(request)
        took_ms = (time.monotonic() - began) * 1000
        await asyncio.sleep(_RECORD_S)
        await api.egress.stop_egress(livekit.StopEgressRequest(egress_id=info.egress_id))
    return took_ms


async def measure(appliance: Appliance) -> list[Figure]:
    """Start and stop recordings of empty rooms one after the other, in turn with LiveKit's own call."""
    starts, stops, plain = [], [], []
    for _ in range(_TIMES):
        async with hold(appliance) as meeting:
            starts.append((await meeting.start()).call_ms)
            await asyncio.sleep(_RECORD_S)
            began = time.monotonic()
            await meeting.stop()
            stops.append((time.monotonic() - began) * 1000)
        async with hold(appliance) as meeting:
            plain.append(await _through_livekit(appliance, meeting.room_id))
    beside = of("", plain, "ms")
    start = of("POST …/recording/start", starts, "ms", target=_START_MS)
    ratio = f"LiveKit's StartRoomCompositeEgress {beside.value:.0f} ms: x{start.value / beside.value:.2f}"
    return [
        Figure(start.name, start.value, start.unit, start.target, ratio, start.raw),
        of("stop until the recording can be downloaded", stops, "ms"),
        of("LiveKit's StartRoomCompositeEgress", plain, "ms"),
    ]
