"""Whether all workers have answered, over the real Redis: what they run is known only then."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.endpoint import Method
from rtcstack.adapters.psrpc.fleet import EgressFleet
from rtcstack.adapters.psrpc.messages import ListActiveEgressRequest, ListActiveEgressResponse
from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.adapters.psrpc.server import Server
from rtcstack.errors import PartUnavailable
from rtcstack.ports.fleet import Running
from rtcstack.settings import Settings
from tests.support.single_part import SinglePart


async def _worker(bus: Bus, *egress_ids: str, is_hung: bool = False) -> Server:
    async def answer(_: Any) -> Any:
        if is_hung:
            await asyncio.Event().wait()
        return ListActiveEgressResponse(egress_ids=egress_ids)

    server = Server(bus)
    await server.register(
        Method("EgressInternal", "ListActiveEgress", ListActiveEgressRequest, answer, is_multi=True)
    )
    return server


@pytest.fixture
async def fleet(other_bus: Bus) -> EgressFleet:
    fleet = EgressFleet(other_bus)
    await fleet.start()
    return fleet


@pytest.fixture
async def third_bus(settings: Settings, redis_server: SinglePart) -> AsyncIterator[Bus]:
    del redis_server  # only has to run
    bus = Bus(settings.redis)
    await bus.start()
    yield bus
    await bus.close()


async def test_every_worker_of_the_fleet_is_heard(bus: Bus, third_bus: Bus, fleet: EgressFleet) -> None:
    servers = await _worker(bus, "EG_1", "EG_2"), await _worker(third_bus)
    began_s = asyncio.get_running_loop().time()
    answers = await fleet.active_egress_ids(window_s=20)
    assert sorted(answers, key=len) == [frozenset(), frozenset({"EG_1", "EG_2"})]
    assert await fleet.running_egresses(window_s=20) == Running(frozenset({"EG_1", "EG_2"}))
    assert asyncio.get_running_loop().time() - began_s < 20  # nobody is waited for who is not there
    for server in servers:
        await server.close()


async def test_a_hung_worker_is_not_a_dead_one(bus: Bus, third_bus: Bus, fleet: EgressFleet) -> None:
    healthy = await _worker(bus, "EG_1")
    await _worker(third_bus, "EG_2", is_hung=True)
    assert await fleet.running_egresses(window_s=0.3) == Running(frozenset({"EG_1"}), is_complete=False)
    await third_bus.close()  # now it is dead
    assert await fleet.running_egresses(window_s=5) == Running(frozenset({"EG_1"}))
    await healthy.close()


async def test_without_workers_nothing_runs(fleet: EgressFleet) -> None:
    assert await fleet.running_egresses() == Running(frozenset())
    assert await fleet.active_egress_ids() == []


async def test_without_redis_nobody_can_tell(settings: Settings) -> None:
    nowhere = settings.redis.model_copy(update={"port": 1})
    readiness = FleetReadiness(nowhere)
    with pytest.raises(PartUnavailable) as told:
        await readiness.running_egresses()
    assert told.value.part == "redis"
    await readiness.close()
