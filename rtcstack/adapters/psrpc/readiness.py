"""Whether Redis and the Egress workers answer, also while Redis comes and goes: `ports/fleet.py`."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError, ResponseError

from rtcstack.adapters.psrpc import channels
from rtcstack.adapters.psrpc.books import LiveKitBooks
from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.capacity import CapacityClient
from rtcstack.adapters.psrpc.client import Client
from rtcstack.adapters.psrpc.figures import FiguresClient
from rtcstack.adapters.psrpc.fleet import EgressFleet
from rtcstack.adapters.psrpc.own import SERVICE
from rtcstack.adapters.psrpc.pausing import Pausing
from rtcstack.adapters.psrpc.worker import INTERNAL
from rtcstack.domain.egress import EgressEnd
from rtcstack.errors import DiskFull, PartUnavailable, Upstream
from rtcstack.ports.fleet import FleetCapacity, FleetFigures, Heard, Running
from rtcstack.settings import Redis

_PING_S: Final = 2.0
_WINDOW_S: Final = 1.0
"""Nobody waits so long for workers that answer; on a busy machine one may need a while, and is not gone for that."""
_LOOK_S: Final = 2.0
_NO_SPACE: Final = "No space left on device"
"""What Redis adds to `MISCONF` when it was the disk that kept it from writing."""


class FleetReadiness:
    """Connects when it is first asked, so that the API starts without Redis as well."""

    def __init__(self, settings: Redis) -> None:
        self._settings = settings
        self._redis: Any = aioredis.Redis(
            host=settings.host,
            port=settings.port,
            password=settings.password.get_secret_value() or None,
            socket_connect_timeout=_PING_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._lines: _Lines | None = None
        self._connecting = asyncio.Lock()

    async def close(self) -> None:
        if self._lines:
            await self._lines.close()
        await self._redis.aclose()

    async def ping_bus(self) -> None:
        try:
            async with asyncio.timeout(_PING_S):
                await self._redis.ping()
        except (ResponseError, AuthenticationError, BusyLoadingError) as e:
            if _NO_SPACE in str(e):
                raise DiskFull(f"Redis cannot write, its disk is full; free some space: {e}") from e
            raise PartUnavailable(f"Redis answers with an error: {e}", part="redis") from e
        except (RedisError, OSError, TimeoutError) as e:
            raise PartUnavailable("Redis cannot be reached.", part="redis") from e

    async def ping_workers(self) -> None:
        lines = await self._connected()
        if not await lines.fleet.active_egress_ids(window_s=_WINDOW_S):
            raise PartUnavailable("No Egress worker answers.", part="egress")

    async def running_egresses(self) -> Running:
        return await (await self._connected()).fleet.running_egresses(_LOOK_S)

    async def capacity(self) -> FleetCapacity:
        workers, _ = await (await self._connected()).capacity.ask(_WINDOW_S)
        return FleetCapacity(workers, max(0, await self._count_workers() - len(workers)))

    async def figures(self) -> FleetFigures:
        workers = await (await self._connected()).figures.ask(_WINDOW_S)
        return FleetFigures(workers, max(0, await self._count_workers() - len(workers)))

    async def _count_workers(self) -> int:
        """Return how many are connected, ours and others."""
        try:
            [(_, there)] = await self._redis.pubsub_numsub(
                channels.requests(INTERNAL, "ListActiveEgress", "")
            )
        except (RedisError, OSError) as e:
            raise PartUnavailable("Redis cannot be reached.", part="redis") from e
        return int(there)

    async def set_paused(self, egress_id: str, *, is_paused: bool) -> Heard:
        return await (await self._connected()).pausing.set_paused(egress_id, is_paused=is_paused)

    async def note_stop(self, egress_id: str) -> None:
        await (await self._connected()).books.note_stop(egress_id)

    async def end_egress(self, egress_id: str, end: EgressEnd) -> bool:
        return await (await self._connected()).books.end(egress_id, end)

    async def _connected(self) -> "_Lines":
        async with self._connecting:
            if self._lines is None:
                lines = _Lines(self._settings)
                await lines.open()
                self._lines = lines
            return self._lines


class _Lines:
    """One bus, and all that is asked over it."""

    def __init__(self, settings: Redis) -> None:
        self._bus = Bus(settings)
        self._own = Client(self._bus, SERVICE, part="egress")
        self.fleet, self.books = EgressFleet(self._bus), LiveKitBooks(self._bus)
        self.pausing, self.capacity = Pausing(self._own), CapacityClient(self._own)
        self.figures = FiguresClient(self._own)

    async def open(self) -> None:
        """Raises `PartUnavailable` when Redis does not answer; nothing is left open then."""
        try:
            await self._bus.start()
            for line in (self.fleet, self.books, self._own):
                await line.start()
        except BaseException:
            await self._bus.close()
            raise

    async def close(self) -> None:
        with suppress(Upstream):
            for line in (self._own, self.books, self.fleet):
                await line.close()
        await self._bus.close()
