"""`ports.moderation.RoomView` over child processes: one for each call, that joins every room hidden, looks and leaves."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec

from rtcstack.adapters.moderation import wire
from rtcstack.errors import PartUnavailable
from rtcstack.spawn import spawn_argv

_START_S: Final = 15.0
_A_ROOM_S: Final = 3.0
"""Several are looked into at once; one takes ten seconds at the very most."""


class RoomViewProcesses:
    def __init__(self, ws_url: str, api_key: str, api_secret: str) -> None:
        self._ws_url, self._api_key, self._api_secret = ws_url, api_key, api_secret

    def is_crowded(self) -> bool:
        """By the load of the last minute: what looks into rooms counts in it, but for a part of the time only."""
        return os.getloadavg()[0] > (os.cpu_count() or 1)

    async def pictures(self, room_names: Sequence[str]) -> Mapping[str, bytes]:
        if not room_names:
            return {}
        order = wire.ViewOrder(self._ws_url, self._api_key, self._api_secret, tuple(room_names))
        seen: dict[str, bytes] = {}
        async with _child() as child:
            with contextlib.suppress(TimeoutError):  # what was seen so far is worth judging
                async with asyncio.timeout(_START_S + _A_ROOM_S * len(room_names)):
                    await _collect(child, order, seen)
                    if status := await child.wait():
                        raise PartUnavailable(
                            f"The process that looks into rooms ended with status {status}.",
                            part="moderation",
                        )
        return seen


async def _collect(child: asyncio.subprocess.Process, order: wire.ViewOrder, seen: dict[str, bytes]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    with contextlib.suppress(
        ConnectionError, asyncio.IncompleteReadError
    ):  # it is done, or its status says why
        child.stdin.write(wire.pack(order))
        await child.stdin.drain()
        while True:
            head = await child.stdout.readexactly(wire.LENGTH_BYTES)
            body = await child.stdout.readexactly(wire.length_of(head))
            picture = msgspec.msgpack.decode(body, type=wire.Picture)
            seen[picture.room] = picture.jpeg


@contextlib.asynccontextmanager
async def _child() -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the process; it is gone when the block is left, however that happens."""
    child = await asyncio.create_subprocess_exec(
        *spawn_argv("room-view"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await asyncio.shield(child.wait())
