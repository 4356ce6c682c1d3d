"""What each of our Egress workers can take."""

from typing import Any, Final, Protocol

from google.protobuf.message import Message

from rtcstack.adapters.psrpc.client import Client
from rtcstack.adapters.psrpc.endpoint import Method
from rtcstack.adapters.psrpc.messages import CapacityRequest, CapacityResponse
from rtcstack.adapters.psrpc.own import SERVICE
from rtcstack.adapters.psrpc.server import Server
from rtcstack.ports.fleet import WorkerCapacity

_NAME: Final = "GetCapacity"


class Measured(Protocol):
    def capacity(self) -> WorkerCapacity: ...


class CapacityService:
    """The worker's side; it goes on answering while the worker drains."""

    def __init__(self, server: Server, worker: Measured) -> None:
        self._server, self._worker = server, worker

    async def open(self) -> None:
        await self._server.register(Method(SERVICE, _NAME, CapacityRequest, self._answer, is_multi=True))

    async def _answer(self, _: Any) -> Message:
        one = self._worker.capacity()
        response: Message = CapacityResponse(
            running=one.running,
            more=one.more,
            can_record=one.can_record,
            reason=one.reason,
            cores=one.cores,
            cores_needed=one.cores_needed,
            cores_other=one.cores_other,
            memory_bytes=one.memory_bytes,
            disk_bytes=one.disk_bytes,
        )
        return response


class CapacityClient:
    """The API's side; `client` is of `SERVICE`, and stays its owner's."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ask(self, window_s: float) -> tuple[tuple[WorkerCapacity, ...], int]:
        """Return what our workers answer within `window_s`, and how many were asked.

        Raises:
            PartUnavailable: when Redis does not answer.
        """
        answers = await self._client.request_multi(
            _NAME, CapacityRequest(), CapacityResponse, window_s=window_s
        )
        return tuple(_read(answer) for answer in answers.given), answers.asked


def _read(answer: Any) -> WorkerCapacity:
    return WorkerCapacity(
        running=answer.running,
        more=answer.more,
        can_record=answer.can_record,
        reason=answer.reason,
        cores=round(answer.cores, 2),
        cores_needed=round(answer.cores_needed, 2),
        cores_other=round(answer.cores_other, 2),
        memory_bytes=answer.memory_bytes,
        disk_bytes=answer.disk_bytes,
    )
