"""Load: people join a room, as LiveKit tells it, and who is not heard is told again, as LiveKit does."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.chaos.api_process import ApiProcess
from tests.chaos.livekit_events import Teller, joined
from tests.chaos.receiver import Receiver

_CONNECTIONS = 8
_PAUSE_S = 0.005
_AGAIN_S = 0.02


async def listen(api: ApiProcess, receiver: Receiver, *events: str) -> str:
    """Make the receiver an endpoint of the tenant's; return the endpoint's id."""
    made = await api.post("/v1/webhooks", {"url": receiver.url, "events": list(events)})
    receiver.secrets.append(made["secret"])
    return str(made["id"])


class Crowd:
    """`arrived` are the people whose coming was answered with 200."""

    def __init__(self, teller: Teller, room: str) -> None:
        self._teller, self._room = teller, room
        self._numbers = itertools.count()
        self.arrived: list[str] = []
        self.unheard = 0

    def is_heard_after(self, count: int) -> Callable[[], Awaitable[bool]]:
        """Return the question whether more than so many have arrived."""

        async def is_heard() -> bool:
            return len(self.arrived) > count

        return is_heard

    async def come(self, count: int) -> None:
        """Return once so many more have been told of."""
        await asyncio.gather(*(self._come_in(count // _CONNECTIONS + 1) for _ in range(_CONNECTIONS)))

    async def _come_in(self, count: int) -> None:
        for _ in range(count):
            await self.one()

    async def one(self) -> None:
        who = f"person-{next(self._numbers)}"
        while await self._teller.tell(joined(self._room, who)) != 200:
            self.unheard += 1
            await asyncio.sleep(_AGAIN_S)
        self.arrived.append(who)

    async def _keep_coming(self) -> None:
        while not self._is_over:
            await self.one()
            await asyncio.sleep(_PAUSE_S)

    @asynccontextmanager
    async def coming(self) -> AsyncIterator[None]:
        """Come one after the other while the block runs; whoever has begun to is heard in the end."""
        self._is_over = False
        tasks = [asyncio.create_task(self._keep_coming()) for _ in range(_CONNECTIONS)]
        try:
            yield
        finally:
            self._is_over = True
            async with asyncio.timeout(120):
                await asyncio.gather(*tasks)
