"""Buckets at addresses that are not connected to any more are named at start."""

from structlog.testing import capture_logs

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.services.storage.reach import warn_of_unreachable
from tests.unit.services.conftest import World
from tests.unit.services.storage.conftest import Owner


async def _named(world: World, guard: AddressGuard) -> list[str]:
    with capture_logs() as logged:
        await warn_of_unreachable(world.db, guard.allows)
    return [one["bucket"] for one in logged if one["log_level"] == "warning"]


async def test_only_those_in_use_at_refused_addresses_are_named_once_each(world: World, owner: Owner) -> None:
    await owner.uses("unused")
    await owner.uses("left")
    await owner.recorded("room-1", owner.store("left"))
    await owner.uses("current", endpoint="http://localhost:9")
    assert await _named(world, AddressGuard()) == ["left", "current"]
    assert await _named(world, AddressGuard(allow_loopback=True)) == []


async def test_names_are_not_looked_up(world: World, owner: Owner) -> None:
    await owner.uses(endpoint="https://minio.acme.example")
    assert await _named(world, AddressGuard()) == []
