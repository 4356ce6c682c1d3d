"""CPU of an audio room: fifty microphones, five of them speaking."""

import asyncio
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from livekit import api as livekit

from rtcstack.demo import hearing
from rtcstack.egress.dispatcher import store
from tests.bench import processes, stop
from tests.bench.figures import Figure, of
from tests.bench.meeting import Meeting, hold, livekit_api
from tests.bench.recorder import Window, sole_recorder, windows
from tests.support.appliance import Appliance

_PEOPLE, _SPEAKING = 50, 5
_PER_PROCESS = 10
_COME_S, _LEAVE_S = 300, 30
"""So long ten of them may take to come, and to leave: on an idle machine it is some seconds."""
_SETTLE_S = 8
_HEARD = 0.8
_CORES = 0.6


async def measure(appliance: Appliance) -> list[Figure]:
    """Record sound alone of fifty participants for 33 s; look at the last 25 of them, and listen to the file."""
    async with hold(appliance) as meeting, AsyncExitStack() as stack:
        await _come(meeting, stack)
        used, heard = await _record(appliance, meeting.room_id)
    assert min(heard) > _HEARD, f"the file has the tones of those who speak in {heard} of its half seconds"
    name = f"CPU of recorder and worker, {_PEOPLE} microphones, {_SPEAKING} of them speaking"
    beside = f"each of the {_SPEAKING} tones in at least {min(heard):.0%} of the file"
    return [of(name, [window.both for window in used], "cores", target=_CORES, beside=beside)]


async def _record(appliance: Appliance, room_id: str) -> tuple[list[Window], list[float]]:
    """Return what it cost, and in which share of the file each of those who speak is heard."""
    target = store.configured(appliance.settings.storage)
    async with livekit_api(appliance) as api:
        async with asyncio.timeout(_COME_S):
            while await _publishing(api, room_id) < _PEOPLE:
                await asyncio.sleep(1)
        egress_id, key = await stop.begin(api, room_id, audio_only=True)
        await asyncio.sleep(_SETTLE_S)
        used = await windows(*sole_recorder(processes.pid_of(appliance.status(), "egress")))
        present = await _publishing(api, room_id)
        assert present == _PEOPLE, f"{present} of {_PEOPLE} microphones are there at the end"
        await stop.end(api, egress_id, target, key)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sound.mp4"
        await asyncio.to_thread(target.client.fget_object, target.bucket, key, str(file))
        samples = await asyncio.to_thread(hearing.load, file)
    return used, [hearing.listen(samples, index).share for index in range(_SPEAKING)]


async def _publishing(api: livekit.LiveKitAPI, room_id: str) -> int:
    listed = await api.room.list_participants(livekit.ListParticipantsRequest(room=room_id))
    return sum(bool(one.tracks) for one in listed.participants)


async def _come(meeting: Meeting, stack: AsyncExitStack) -> None:
    """Let everybody join; they leave when the stack closes."""
    tokens = [await meeting.token(f"mic-{index:02}") for index in range(_PEOPLE)]
    url = tokens[0][0]
    for begin in range(0, _PEOPLE, _PER_PROCESS):
        part = [token for _, token in tokens[begin : begin + _PER_PROCESS]]
        speaking = max(0, min(_SPEAKING - begin, _PER_PROCESS))
        argv = [sys.executable, "-m", "tests.support.microphones", url, str(begin), str(speaking), *part]
        crowd = _send_for(argv)
        stack.push_async_callback(_leave, crowd)
        assert crowd.stdout is not None
        async with asyncio.timeout(_COME_S):
            line = await asyncio.to_thread(crowd.stdout.readline)
        assert line == "ok\n", f"a crowd did not come: {line!r}, status {crowd.poll()}"


def _send_for(argv: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def _leave(crowd: "subprocess.Popen[str]") -> None:
    """Tell ten of them to leave, and see that they do."""
    try:
        await asyncio.to_thread(crowd.communicate, timeout=_LEAVE_S)
    except subprocess.TimeoutExpired:
        crowd.kill()
        await asyncio.to_thread(crowd.communicate)
