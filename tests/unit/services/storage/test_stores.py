import pytest

from rtcstack.errors import Internal
from rtcstack.services.storage import stores as stores_module
from tests.unit.services.conftest import World
from tests.unit.services.storage.conftest import ENDPOINT, Owner


async def test_the_shared_store_has_no_id(world: World) -> None:
    assert await world.stores.of(None) is world.stores.shared is world.storage
    assert await world.stores.provider(None) == "minio"
    await world.stores.check_movable(None)


async def test_a_client_is_made_once_and_closed_at_the_end(world: World, owner: Owner) -> None:
    own = await owner.uses()
    for _ in range(3):
        assert await world.stores.of(own.id) is owner.store()
    assert [access.endpoint for access in world.opener.opened] == [ENDPOINT]
    await world.stores.close()
    assert owner.store().calls == ["close"]


async def test_only_so_many_are_kept_open(world: World, owner: Owner) -> None:
    made = [await owner.uses(f"acme-{n}") for n in range(stores_module._MOST_OPEN + 1)]
    for own in made:
        await world.stores.of(own.id)
    await world.stores.of(made[-1].id)
    assert len(world.opener.opened) == len(made)
    await world.stores.of(made[0].id)
    assert world.opener.opened[-1].bucket == "acme-0"


async def test_an_unknown_store_is_our_own_fault(world: World) -> None:
    with pytest.raises(Internal):
        await world.stores.of("sto_unknown")


async def test_the_provider_is_told_from_the_endpoint(world: World, owner: Owner) -> None:
    own = await owner.uses(endpoint="https://1a2b.r2.cloudflarestorage.com")
    assert await world.stores.provider(own.id) == "r2"
