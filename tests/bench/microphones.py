"""CPU of an audio room: fifty microphones, five of them speaking."""

import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack

from livekit import api as livekit

from tests.bench import processes
from tests.bench.figures import Figure, of
from tests.bench.meeting import Meeting, hold, livekit_api
from tests.bench.recorder import sole_recorder, windows
from tests.support.appliance import Appliance

_PEOPLE, _SPEAKING = 50, 5
_PER_PROCESS = 10
_SETTLE_S = 8
_CORES = 0.6


async def measure(appliance: Appliance) -> list[Figure]:
    """Record sound alone of fifty participants for 33 s; look at the last 25 of them."""
    async with hold(appliance) as meeting, AsyncExitStack() as stack:
        await _come(meeting, stack)
        request = livekit.RoomCompositeEgressRequest(
            room_name=meeting.room_id,
            audio_only=True,
            file_outputs=[livekit.EncodedFileOutput(filepath=f"bench/{meeting.room_id}.mp4")],
        )
        async with livekit_api(appliance) as api:
            info = await api.egress.start_room_composite_egress(request)
            await asyncio.sleep(_SETTLE_S)
            used = await windows(*sole_recorder(processes.pid_of(appliance.status(), "egress")))
            await api.egress.stop_egress(livekit.StopEgressRequest(egress_id=info.egress_id))
    name = f"CPU of recorder and worker, {_PEOPLE} microphones, {_SPEAKING} of them speaking"
    return [of(name, [window.both for window in used], "cores", target=_CORES)]


async def _come(meeting: Meeting, stack: AsyncExitStack) -> None:
    """Let everybody join; they leave when the stack closes."""
    tokens = [await meeting.token(f"mic-{index:02}") for index in range(_PEOPLE)]
    url = tokens[0][0]
    for begin in range(0, _PEOPLE, _PER_PROCESS):
        part = [token for _, token in tokens[begin : begin + _PER_PROCESS]]
        speaking = max(0, min(_SPEAKING - begin, _PER_PROCESS))
        argv = [sys.executable, "-m", "tests.support.microphones", url, str(begin), str(speaking), *part]
        crowd = _send_for(argv, stack)
        assert crowd.stdout is not None
        line = await asyncio.to_thread(crowd.stdout.readline)
        assert line == "ok\n", f"a crowd did not come: {line!r}"


def _send_for(argv: list[str], stack: AsyncExitStack) -> "subprocess.Popen[str]":
    crowd = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.callback(crowd.communicate)
    return crowd
