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
from rtcstack.adapters.psrpc.figures import FiguresClient
from rtcstack.adapters.psrpc.fleet import EgressFleet
from rtcstack.adapters.psrpc.pausing import Pausing
from rtcstack.adapters.psrpc.worker import INTERNAL
from rtcstack.domain.egress import EgressEnd
from rtcstack.errors import DiskFull, PartUnavailable, Upstream
from rtcstack.ports.fleet import FleetCapacity, FleetFigures, Heard, Running
from rtcstack.settings import Redis

_PING_S: Final = 2.0
_WINDOW_S: Final = 0.25
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
        self._bus: Bus | None = None
        self._fleet: EgressFleet | None = None
        self._books: LiveKitBooks | None = None
        self._pausing: Pausing | None = None
        self._capacity: CapacityClient | None = None
        self._figures: FiguresClient | None = None
        self._connecting = asyncio.Lock()

    async def close(self) -> None:
        if self._fleet and self._books and self._pausing and self._capacity and self._figures and self._bus:
            with suppress(Upstream):
                await self._figures.close()
                await self._capacity.close()
                await self._fleet.close()
                await self._books.close()
                await self._pausing.close()
            await self._bus.close()
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
        fleet = await self._connected()
        if not await fleet.active_egress_ids(window_s=_WINDOW_S):
            raise PartUnavailable("No Egress worker answers.", part="egress")

    async def running_egresses(self) -> Running:
        return await (await self._connected()).running_egresses(_LOOK_S)

    async def capacity(self) -> FleetCapacity:
        await self._connected()
        assert self._capacity is not None
        workers, _ = await self._capacity.ask(_WINDOW_S)
        return FleetCapacity(workers, max(0, await self._count_workers() - len(workers)))

    async def figures(self) -> FleetFigures:
        await self._connected()
        assert self._figures is not None
        workers = await self._figures.ask(_WINDOW_S)
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
        await self._connected()
        assert self._pausing is not None
        return await self._pausing.set_paused(egress_id, is_paused=is_paused)

    async def note_stop(self, egress_id: str) -> None:
        await self._connected()
        assert self._books is not None
        await self._books.note_stop(egress_id)

    async def end_egress(self, egress_id: str, end: EgressEnd) -> bool:
        await self._connected()
        assert self._books is not None
        return await self._books.end(egress_id, end)

    async def _connected(self) -> EgressFleet:
        async with self._connecting:
            if self._fleet is None:
                bus = Bus(self._settings)
                try:
                    await bus.start()
                    fleet, books, pausing = EgressFleet(bus), LiveKitBooks(bus), Pausing(bus)
                    capacity, figures = CapacityClient(bus), FiguresClient(bus)
                    await fleet.start()
                    await books.start()
                    await capacity.start()
                    await figures.start()
                    await pausing.start()
                except BaseException:
                    await bus.close()
                    raise
                self._bus, self._fleet, self._books = bus, fleet, books
                self._pausing, self._capacity, self._figures = pausing, capacity, figures
            return self._fleet
