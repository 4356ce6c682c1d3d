"""One method of a psrpc service on one topic: claims requests, runs the handler, publishes the answer.

The order of things is that of `pkg/server/rpc.go` in psrpc 0.7.2: request, claim, the client's choice, answer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError, Message

from rtcstack import log
from rtcstack.adapters.psrpc import channels, faults, messages
from rtcstack.adapters.psrpc.bus import Bus

_logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """How much this server wants a request: the client takes the first claim of affinity 1 at once.

    Below 1 it waits half a second for a better one. `delay_s` holds the claim back, so that an idler server wins.
    """

    affinity: float = 1.0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Method:
    """One method as LiveKit's `.psrpc.go` files register it."""

    service: str
    name: str
    request: type[Message]
    handler: Callable[[Any], Awaitable[Message]]
    claim: Callable[[Any], Claim | None] = field(default=lambda _: Claim())
    """None declines: the request is left to other servers."""
    is_multi: bool = False
    """Every server answers, nobody claims."""
    is_queue: bool = False
    """One server of all sees the request."""


class Endpoint:
    def __init__(self, bus: Bus, server_id: str, method: Method, topic: str) -> None:
        self._bus = bus
        self._server_id = server_id
        self._method = method
        self._requests = channels.requests(method.service, method.name, topic)
        self._claim_answers = channels.claim_answers(method.service, method.name, topic)
        self._chosen: dict[str, asyncio.Future[str]] = {}
        self._running: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Subscribe; Redis has confirmed it when this returns.

        Raises:
            PartUnavailable: when it does not confirm.
        """
        await self._bus.subscribe(self._claim_answers, self._on_chosen)
        await self._bus.subscribe(self._requests, self._on_request, queue=self._method.is_queue)

    async def close(self) -> None:
        """Take no more requests; those under way go on."""
        await self._bus.unsubscribe(self._requests, self._on_request)
        await self._bus.unsubscribe(self._claim_answers, self._on_chosen)

    async def drain(self) -> None:
        """Wait for the requests under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _on_chosen(self, choice: Any) -> None:
        chosen = self._chosen.get(choice.request_id)
        if chosen is not None and not chosen.done():
            chosen.set_result(choice.server_id)

    async def _on_request(self, request: Any) -> None:
        late_ms = (time.time_ns() - request.expiry) // 1_000_000
        if late_ms >= 0:
            _logger.warning(
                "request expired: do the clocks agree?", method=self._method.name, late_ms=late_ms
            )
            return
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await self._serve(request)
        finally:
            self._running.discard(task)

    async def _serve(self, request: Any) -> None:
        response = messages.Response(request_id=request.request_id, server_id=self._server_id)
        try:
            payload = self._method.request.FromString(request.raw_request)
            if not self._method.is_multi and not await self._is_chosen(request, payload):
                return
            response.raw_response = (await self._method.handler(payload)).SerializeToString()
        except DecodeError as e:
            response.code, response.error = "malformed_request", str(e)
        except Exception as e:
            response.code, response.error = faults.code_and_text(e)
            is_ours = response.code == "internal"
            _logger.warning("request refused", method=self._method.name, error=str(e), exc_info=is_ours)
        response.sent_at = time.time_ns()
        await self._bus.publish(channels.responses(self._method.service, request.client_id), response)

    async def _is_chosen(self, request: Any, payload: Message) -> bool:
        """Offer to serve the request; return whether the client chose this server."""
        try:
            claim = self._method.claim(payload)
        except Exception:
            _logger.exception("left to others, as it cannot be judged", method=self._method.name)
            return False
        if claim is None:
            return False
        await asyncio.sleep(claim.delay_s)
        chosen = self._chosen[request.request_id] = asyncio.get_running_loop().create_future()
        offer = messages.ClaimRequest(
            request_id=request.request_id, server_id=self._server_id, affinity=claim.affinity
        )
        try:
            await self._bus.publish(channels.claims(self._method.service, request.client_id), offer)
            async with asyncio.timeout((request.expiry - time.time_ns()) / 1e9):
                return bool(await chosen == self._server_id)
        except TimeoutError:
            return False
        finally:
            self._chosen.pop(request.request_id, None)
