"""The self-check: a meeting is held and recorded through the public API alone, and every promise is looked at.

Nothing here knows the product's inside. What a step needs from the one before is passed on as values, every wait has
an end, and what was made is taken away again, but for the recording.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from rtcstack.demo import inspect, verdict
from rtcstack.demo.access import create_key, revoke_key
from rtcstack.demo.client import Client, fetch
from rtcstack.demo.participant import Participant, ParticipantError
from rtcstack.demo.plan import Plan
from rtcstack.demo.receiver import Receiver
from rtcstack.demo.step import Outcome, Step, StepFailed

_ENDED_WITHIN_S = 60
_ENDED_KEYS = {"event", "egressId", "roomId", "file", "duration", "size"}


Watch = Callable[[Step], None]


class SelfCheck:
    """One run; `outcome` grows with every step."""

    def __init__(self, plan: Plan, watch: Watch) -> None:
        self.outcome = Outcome()
        self._plan, self._watch = plan, watch
        self._indexes = list(range(plan.participants))

    def _step(self, title: str) -> Any:
        return self.outcome.step(title, self._watch)

    async def go(self) -> None:
        """Take every step; a StepFailed is in the outcome and goes on to the caller."""
        plan = self._plan
        async with AsyncExitStack() as stack:
            with self._step("Appliance ready") as step:
                step.result = plan.api_url
                async with Client(plan.api_url, "", f"`rtcstack status` and {plan.log_of('api')}") as anyone:
                    await anyone.call("GET", "/readyz")
            key = plan.key
            if key is None:
                key = await stack.enter_async_context(self._temporary_key())
            api = await stack.enter_async_context(Client(plan.api_url, key, plan.log_of("api")))
            receiver = await stack.enter_async_context(Receiver())
            await stack.enter_async_context(self._webhook(api, receiver))
            room_id = await stack.enter_async_context(self._room(api))
            egress_id, duration_s = await self._meeting(api, room_id)
            ended = await self._ended(receiver, egress_id, room_id)
            listed = await self._listed(api, room_id, egress_id, ended)
            await self._object(listed["downloadUrl"], ended, duration_s)

    @asynccontextmanager
    async def _temporary_key(self) -> AsyncIterator[str]:
        with self._step("API key made") as step:
            key, identity = await create_key(self._plan.data)
            step.result = identity
        try:
            yield key
        finally:
            with self._step("API key revoked"):
                await revoke_key(self._plan.data, identity)

    @asynccontextmanager
    async def _webhook(self, api: Client, receiver: Receiver) -> AsyncIterator[None]:
        with self._step("Webhook endpoint") as step:
            body = {"url": receiver.url, "events": ["egress_ended"]}
            made = await api.call("POST", "/v1/webhooks", body, status=201)
            receiver.secret = made["secret"]
            step.result = receiver.url
        try:
            yield
        finally:
            with self._step("Webhook endpoint deleted"):
                await api.call("DELETE", f"/v1/webhooks/{made['id']}", status=204)

    @asynccontextmanager
    async def _room(self, api: Client) -> AsyncIterator[str]:
        with self._step("Room") as step:
            room_id = f"demo-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
            made = await api.call("POST", "/v1/rooms", {"roomId": room_id, "name": "Self-check"}, status=201)
            self.outcome.room_id = step.result = room_id
            if made.get("roomId") != room_id:
                raise StepFailed(expected=f"a room {room_id}", seen=str(made), look=self._plan.log_of("api"))
        try:
            yield room_id
        finally:
            with self._step("Room deleted, recording kept"):
                await api.call("DELETE", f"/v1/rooms/{room_id}", status=204)

    async def _join(self, api: Client, room_id: str, index: int, stack: AsyncExitStack) -> None:
        path = f"/v1/rooms/{room_id}/tokens"
        join = await api.call("POST", path, {"identity": f"demo-{index}", "name": f"Participant {index}"})
        try:
            await stack.enter_async_context(Participant(join["url"], join["token"], index))
        except ParticipantError as e:
            look = self._plan.log_of("livekit")
            raise StepFailed(expected=f"participant {index} in the room", seen=str(e), look=look) from e

    async def _meeting(self, api: Client, room_id: str) -> tuple[str, float]:
        """Record the meeting; return the egress id and how long it was recorded, as seen from here."""
        path = f"/v1/rooms/{room_id}/recording"
        async with AsyncExitStack() as people:
            with self._step("Participants with camera and microphone") as step:
                for index in self._indexes:
                    await self._join(api, room_id, index, people)
                step.result = f"{len(self._indexes)} joined"
            with self._step("Recording started") as step:
                began = time.monotonic()
                started = await api.call("POST", f"{path}/start")
                answered = time.monotonic()
                self.outcome.measured["start_call_ms"] = (answered - began) * 1000
                step.result = egress_id = started["egressId"]
            with self._step("Recording"):
                await asyncio.sleep(self._plan.seconds)
                await self._is_active(api, path, egress_id)
            with self._step("Recording stopped"):
                duration_s = time.monotonic() - answered
                await api.call("POST", f"{path}/stop")
        return egress_id, duration_s

    async def _is_active(self, api: Client, path: str, egress_id: str) -> None:
        status = await api.call("GET", path)
        if status.get("active") is not True or status.get("egressId") != egress_id:
            raise StepFailed(
                expected=f"an active recording {egress_id}",
                seen=str(status),
                look=self._plan.log_of("egress"),
            )

    async def _ended(self, receiver: Receiver, egress_id: str, room_id: str) -> dict[str, Any]:
        with self._step("egress_ended received, signature verified") as step:
            look = f"{self._plan.log_of('api')} and {self._plan.log_of('egress')}"
            wanted = f"egress_ended of {egress_id} within {_ENDED_WITHIN_S} s"
            try:
                ended = await receiver.wait_for(_ENDED_WITHIN_S, event="egress_ended", egressId=egress_id)
            except TimeoutError:
                seen = f"{len(receiver.received)} other events, refused: {receiver.rejected or 'none'}"
                raise StepFailed(expected=wanted, seen=seen, look=look) from None
            if set(ended) != _ENDED_KEYS or ended["roomId"] != room_id or not ended["file"]:
                raise StepFailed(expected=f"{wanted} with a file of {room_id}", seen=str(ended), look=look)
            step.result = f"{ended['file']}, {ended['duration']} s, {ended['size']} bytes"
            self.outcome.object_uri = f"s3://{self._plan.bucket}/{ended['file']}"
        return ended

    async def _listed(
        self, api: Client, room_id: str, egress_id: str, ended: dict[str, Any]
    ) -> dict[str, Any]:
        with self._step("Recording listed with a link") as step:
            page = await api.call("GET", f"/v1/rooms/{room_id}/recordings")
            found: dict[str, Any] = next((entry for entry in page if entry["egressId"] == egress_id), {})
            if not found.get("downloadUrl") or any(
                found.get(k) != ended[k] for k in ("file", "size", "duration")
            ):
                raise StepFailed(
                    expected=f"the recording as its webhook has it ({ended}), with a downloadUrl",
                    seen=str(page)[:600],
                    look=self._plan.log_of("api"),
                )
            step.result = str(found["recordingId"])
            self.outcome.download_url = found["downloadUrl"]
        return found

    async def _object(self, url: str, ended: dict[str, Any], duration_s: float) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "recording.mp4"
            with self._step("Object fetched through the link") as step:
                content = await fetch(url, self._plan.log_of("minio"))
                file.write_bytes(content)
                step.result = f"{len(content)} bytes"
            with self._step("File opened and decoded"):
                facts = await asyncio.to_thread(self._inspected, file)
        expected = verdict.Expected(self._indexes, duration_s, int(ended["size"]))
        self._hold("Both streams, 1280x720 at 30 frames a second", verdict.stream_faults(facts, expected))
        self._hold("Duration and size", verdict.length_faults(facts, expected), f"{facts.duration_s:.2f} s")
        self._hold("Picture of every participant", verdict.picture_faults(facts, expected))
        self._hold("Tone of every participant", verdict.tone_faults(facts, expected))
        self.outcome.measured |= {
            "recorded_s": duration_s,
            "file_s": facts.duration_s,
            "file_bytes": facts.size_bytes,
        }

    def _inspected(self, file: Path) -> inspect.Inspection:
        try:
            return inspect.inspect(file, self._indexes)
        except inspect.InspectionError as e:
            raise StepFailed(
                expected="a file that plays", seen=str(e), look=self._plan.log_of("egress")
            ) from e

    def _hold(self, title: str, faults: list[str], result: str = "") -> None:
        with self._step(title) as step:
            if faults:
                look = self._plan.log_of("egress")
                raise StepFailed(expected=title.lower(), seen=" ".join(faults), look=look)
            step.result = result


async def self_check(plan: Plan, watch: Watch = lambda _: None) -> Outcome:
    """Run the self-check; what failed stands in the outcome's steps."""
    check = SelfCheck(plan, watch)
    with suppress(StepFailed):
        await check.go()
    return check.outcome
