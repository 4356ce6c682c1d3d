"""The asking side of psrpc: one server's answer, or every server's."""

import asyncio
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from google.protobuf.message import DecodeError, Message

from rtcstack.adapters.psrpc import channels, faults, messages
from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.errors import PartRefused, PartUnavailable, Upstream

Answer = TypeVar("Answer", bound=Message)

TIMEOUT_S: Final = 3.0
"""psrpc's own default."""


@dataclass(frozen=True)
class Answers(Generic[Answer]):
    """`asked` servers were there to hear the request; hung ones are among them, and count as long as they are connected."""

    given: list[Answer]
    asked: int

    @property
    def is_complete(self) -> bool:
        """Whether everybody who was asked has answered."""
        return len(self.given) >= self.asked


class Client:
    """Asks one service. `part` names the part of the appliance that answers, for the errors.

    Call `start` first; `close` leaves the bus open.
    """

    def __init__(self, bus: Bus, service: str, *, part: str) -> None:
        self.id = f"CLI_{uuid.uuid4().hex[:16]}"
        self._bus = bus
        self._service = service
        self._part = part
        self._claims: dict[str, asyncio.Queue[Any]] = {}
        self._responses: dict[str, asyncio.Queue[Any]] = {}

    async def start(self) -> None:
        """Subscribe to the answers.

        Raises:
            PartUnavailable: when Redis does not confirm it.
        """
        await self._bus.subscribe(channels.responses(self._service, self.id), self._on_response)
        await self._bus.subscribe(channels.claims(self._service, self.id), self._on_claim)

    async def close(self) -> None:
        await self._bus.unsubscribe(channels.responses(self._service, self.id), self._on_response)
        await self._bus.unsubscribe(channels.claims(self._service, self.id), self._on_claim)

    async def request(
        self,
        method: str,
        payload: Message,
        answer: type[Answer],
        *,
        topic: str = "",
        timeout_s: float = TIMEOUT_S,
    ) -> Answer:
        """Return the answer of the first server that claims the request.

        Raises:
            PartUnavailable: when nobody claims or answers in time, or the answer is a passing error.
            PartRefused: when the answer is an error that a second try would meet again.
        """
        request = self._new_request(payload, timeout_s, multi=False)
        call = f"{self._service}.{method}"
        claims = self._claims[request.request_id] = asyncio.Queue()
        responses = self._responses[request.request_id] = asyncio.Queue()
        try:
            async with asyncio.timeout(timeout_s):
                await self._bus.publish(channels.requests(self._service, method, topic), request)
                response = await self._claimed(method, topic, claims, responses)
        except TimeoutError as e:
            raise self._no_answer(call, timeout_s) from e
        finally:
            del self._claims[request.request_id], self._responses[request.request_id]
        return self._decode(response, answer, call)

    async def request_multi(
        self, method: str, payload: Message, answer: type[Answer], *, topic: str = "", window_s: float
    ) -> Answers[Answer]:
        """Return what every server answers within `window_s`, at once when all have; error answers are left out.

        Raises:
            PartUnavailable: when Redis does not take the request.
        """
        request = self._new_request(payload, window_s, multi=True)
        responses = self._responses[request.request_id] = asyncio.Queue()
        try:
            asked = await self._bus.publish(channels.requests(self._service, method, topic), request)
            received = await _collect(responses, asked, window_s)
        finally:
            del self._responses[request.request_id]
        call = f"{self._service}.{method}"
        return Answers([self._decode(r, answer, call) for r in received if not r.error], asked)

    def _new_request(self, payload: Message, timeout_s: float, *, multi: bool) -> Any:
        now_ns = time.time_ns()
        return messages.Request(
            request_id=f"REQ_{uuid.uuid4().hex}",
            client_id=self.id,
            sent_at=now_ns,
            expiry=now_ns + int(timeout_s * 1e9),
            multi=multi,
            raw_request=payload.SerializeToString(),
        )

    async def _claimed(
        self, method: str, topic: str, claims: "asyncio.Queue[Any]", responses: "asyncio.Queue[Any]"
    ) -> Any:
        """Give the request to the first that claims it; an answer without a claim is an early error."""
        waits = {asyncio.create_task(claims.get()), asyncio.create_task(responses.get())}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        first = done.pop().result()
        if first.DESCRIPTOR.name == "Response":
            return first
        await self._bus.publish(
            channels.claim_answers(self._service, method, topic),
            messages.ClaimResponse(request_id=first.request_id, server_id=first.server_id),
        )
        return await responses.get()

    def _decode(self, response: Any, answer: type[Answer], call: str) -> Answer:
        if response.error:
            raise faults.from_response(response.code, response.error, part=self._part, call=call)
        try:
            return answer.FromString(response.raw_response)
        except DecodeError as e:
            raise PartRefused(f"{call}: the answer cannot be read", part=self._part) from e

    def _no_answer(self, call: str, timeout_s: float) -> Upstream:
        return PartUnavailable(f"{call}: nobody answered within {timeout_s:g} s", part=self._part)

    async def _on_claim(self, claim: Any) -> None:
        if queue := self._claims.get(claim.request_id):
            queue.put_nowait(claim)

    async def _on_response(self, response: Any) -> None:
        if queue := self._responses.get(response.request_id):
            queue.put_nowait(response)


async def _collect(queue: "asyncio.Queue[Any]", wanted: int, window_s: float) -> list[Any]:
    """Return what comes, until it is as much as wanted or the time is over."""
    received: list[Any] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(window_s):
            while len(received) < wanted:
                received.append(await queue.get())
    return received
