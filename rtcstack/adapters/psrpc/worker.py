"""What an Egress worker answers: LiveKit's services `EgressInternal` and `EgressHandler` (`rpc/egress.proto`), and one of
our own: LiveKit cannot pause a recording.
"""

from typing import Any, Final, Protocol

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from livekit.protocol.egress import EgressInfo, StopEgressRequest, UpdateStreamRequest

from rtcstack.adapters.psrpc.endpoint import Claim, Method
from rtcstack.adapters.psrpc.faults import Fault
from rtcstack.adapters.psrpc.messages import (
    ListActiveEgressRequest,
    ListActiveEgressResponse,
    SetPausedRequest,
    SetPausedResponse,
    StartEgressRequest,
)
from rtcstack.adapters.psrpc.own import SERVICE as OWN
from rtcstack.adapters.psrpc.pausing import METHOD as SET_PAUSED
from rtcstack.adapters.psrpc.server import Server
from rtcstack.errors import Conflict, NotFound

INTERNAL: Final = "EgressInternal"
HANDLER: Final = "EgressHandler"
_HANDLED: Final = ("StopEgress", "UpdateEgress", "UpdateStream")


class Worker(Protocol):
    def claim(self, request: Any) -> Claim | None:
        """Say whether to bid for a StartEgressRequest."""
        ...

    async def start_egress(self, request: Any) -> EgressInfo: ...

    async def stop_egress(self, egress_id: str) -> EgressInfo: ...

    async def set_paused(self, egress_id: str, *, is_paused: bool) -> None: ...

    def active_egress_ids(self) -> list[str]: ...


class WorkerServices:
    """Registers a worker's methods: the fleet's ones once, and four for each egress under its id as topic."""

    def __init__(self, server: Server, worker: Worker) -> None:
        self._server = server
        self._worker = worker

    async def open(self) -> None:
        await self._server.register(
            Method(INTERNAL, "ListActiveEgress", ListActiveEgressRequest, self._list, is_multi=True)
        )
        start = Method(
            INTERNAL, "StartEgress", StartEgressRequest, self._worker.start_egress, self._worker.claim
        )
        await self._server.register(start)

    async def stop_claiming(self) -> None:
        await self._server.unregister(INTERNAL, "StartEgress")

    async def open_egress(self, egress_id: str) -> None:
        """Take stop requests for one egress from now on; Redis has confirmed it when this returns."""
        pausing = Method(OWN, SET_PAUSED, SetPausedRequest, self._set_paused, is_multi=True)
        await self._server.register(pausing, egress_id)
        requests: tuple[type[Message], ...] = (StopEgressRequest, Empty, UpdateStreamRequest)
        handlers = (self._stop, self._refuse, self._refuse)
        for name, request, handler in zip(_HANDLED, requests, handlers, strict=True):
            await self._server.register(Method(HANDLER, name, request, handler, is_queue=True), egress_id)

    async def close_egress(self, egress_id: str) -> None:
        for name in _HANDLED:
            await self._server.unregister(HANDLER, name, egress_id)
        await self._server.unregister(OWN, SET_PAUSED, egress_id)

    async def _list(self, _: Any) -> Message:
        response: Message = ListActiveEgressResponse(egress_ids=self._worker.active_egress_ids())
        return response

    async def _stop(self, request: StopEgressRequest) -> Message:
        return await self._worker.stop_egress(request.egress_id)

    async def _set_paused(self, request: Any) -> Message:
        answer: Message = SetPausedResponse(is_taken=True)
        try:
            await self._worker.set_paused(request.egress_id, is_paused=request.is_paused)
        except (Conflict, NotFound):
            answer = SetPausedResponse(is_taken=False)
        return answer

    async def _refuse(self, _: Message) -> Message:
        raise Fault("unimplemented", "this worker cannot change the outputs of a running egress")
