"""The meeting of the self-check: who joins, and how it is recorded."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from rtcstack.demo.client import Client
from rtcstack.demo.participant import Participant, ParticipantError
from rtcstack.demo.step import Check, StepFailed


@dataclass(frozen=True, slots=True)
class Recorded:
    egress_id: str
    duration_s: float
    """From the answer to start until the call to stop, as seen from here."""


async def record_meeting(check: Check, api: Client, room_id: str) -> Recorded:
    """Let the participants join, record them for as long as planned, let them leave; raises StepFailed."""
    async with AsyncExitStack() as people:
        with check.step("Participants with camera and microphone") as step:
            for index in range(check.plan.participants):
                await _join(check, api, room_id, index, people)
            step.result = f"{check.plan.participants} joined"
        return await _record(check, api, f"/v1/rooms/{room_id}/recording")


async def _join(check: Check, api: Client, room_id: str, index: int, people: AsyncExitStack) -> None:
    who = {"identity": f"demo-{index}", "name": f"Participant {index}"}
    join = await api.call("POST", f"/v1/rooms/{room_id}/tokens", who)
    try:
        await people.enter_async_context(
            Participant(check.plan.reached(join["url"])[0], join["token"], index)
        )
    except ParticipantError as e:
        look = check.log_of("livekit")
        raise StepFailed(expected=f"participant {index} in the room", seen=str(e), look=look) from e


async def _record(check: Check, api: Client, path: str) -> Recorded:
    with check.step("Recording started") as step:
        began = time.monotonic()
        started = await api.call("POST", f"{path}/start")
        answered = time.monotonic()
        check.outcome.measured["start_call_ms"] = (answered - began) * 1000
        step.result = egress_id = str(started["egressId"])
    with check.step("Recording"):
        await asyncio.sleep(check.plan.seconds)
        status = await api.call("GET", path)
        if status.get("active") is not True or status.get("egressId") != egress_id:
            wanted = f"an active recording {egress_id}"
            raise StepFailed(expected=wanted, seen=str(status), look=check.log_of("egress"))
    with check.step("Recording stopped"):
        duration_s = time.monotonic() - answered
        await api.call("POST", f"{path}/stop")
    return Recorded(egress_id, duration_s)
