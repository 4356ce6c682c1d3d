"""What each of our Egress workers tells for `/metrics`, beside its capacity: so that one page has the whole appliance's."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from google.protobuf.message import Message

from rtcstack.adapters.psrpc.client import Client
from rtcstack.adapters.psrpc.endpoint import Method
from rtcstack.adapters.psrpc.messages import FiguresRequest, FiguresResponse
from rtcstack.adapters.psrpc.own import SERVICE
from rtcstack.adapters.psrpc.server import Server
from rtcstack.ports.fleet import WorkerFigures

_NAME: Final = "GetFigures"
_figures = msgspec.json.Decoder(dict[str, float | dict[str, float]])


class FiguresService:
    """The worker's side; it goes on answering while the worker drains."""

    def __init__(self, server: Server, read: Callable[[], Awaitable[WorkerFigures]]) -> None:
        self._server, self._read = server, read

    async def open(self) -> None:
        await self._server.register(Method(SERVICE, _NAME, FiguresRequest, self._answer, is_multi=True))

    async def _answer(self, _: Any) -> Message:
        told = await self._read()
        response: Message = FiguresResponse(worker=told.worker, figures=msgspec.json.encode(told.figures))
        return response


class FiguresClient:
    """The API's side; `client` is of `SERVICE`, and stays its owner's."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ask(self, window_s: float) -> tuple[WorkerFigures, ...]:
        """Return what our workers answer within `window_s`; what cannot be read is left out.

        Raises:
            PartUnavailable: when Redis does not answer.
        """
        answers = await self._client.request_multi(
            _NAME, FiguresRequest(), FiguresResponse, window_s=window_s
        )
        found = []
        for answer in answers.given:
            try:
                found.append(WorkerFigures(answer.worker, _figures.decode(answer.figures)))
            except msgspec.DecodeError:
                continue
        return tuple(found)
