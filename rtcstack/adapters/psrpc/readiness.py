"""Whether Redis and the Egress workers answer, also while Redis comes and goes: `ports/fleet.py`."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError, ResponseError

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.fleet import EgressFleet
from rtcstack.errors import DiskFull, PartUnavailable, Upstream
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
        self._connecting = asyncio.Lock()

    async def close(self) -> None:
        if self._fleet and self._bus:
            with suppress(Upstream):
                await self._fleet.close()
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

    async def running_egress_ids(self) -> frozenset[str]:
        return await (await self._connected()).running_egress_ids(_LOOK_S)

    async def _connected(self) -> EgressFleet:
        async with self._connecting:
            if self._fleet is None:
                bus = Bus(self._settings)
                try:
                    await bus.start()
                    fleet = EgressFleet(bus)
                    await fleet.start()
                except BaseException:
                    await bus.close()
                    raise
                self._bus, self._fleet = bus, fleet
            return self._fleet
