"""The recorder's end of the control socket: JSON objects, one a line (rtcstack/egress/job.py)."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Self

import msgspec

from rtcstack.egress.job import FromRecorder, ToRecorder
from rtcstack.log import get

log = get(__name__)

_CLOSE_TIMEOUT_S = 2.0
_decoder = msgspec.json.Decoder(ToRecorder)
_encoder = msgspec.json.Encoder()


class Control:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, control: socket.socket) -> Self:
        return cls(*await asyncio.open_connection(sock=control))

    def send(self, message: FromRecorder) -> None:
        """Queue a message; nobody on the other side is no fault, the recording is worth more."""
        if not self._writer.is_closing():
            self._writer.write(_encoder.encode(message) + b"\n")

    async def orders(self) -> AsyncIterator[ToRecorder]:
        """Yield what the recorder is asked to do, until the other side is gone."""
        try:
            while line := await self._reader.readline():
                try:
                    order = _decoder.decode(line)
                except msgspec.DecodeError as e:
                    log.warning("control_message_unknown", error=str(e))
                else:
                    yield order
        except OSError as e:
            log.warning("control_broken", error=str(e))

    async def close(self) -> None:
        """Give what is queued a moment to leave."""
        self._writer.close()
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._writer.wait_closed()
        except OSError as e:  # TimeoutError is one
            log.warning("control_not_closed", error=str(e))
