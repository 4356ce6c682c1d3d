"""Pictures of what lies in a tenant's bucket."""

from structlog.testing import capture_logs

from rtcstack.errors import PartUnavailable
from rtcstack.services.pictures import Pictures
from rtcstack.services.storage.stores import Stores
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.storage.conftest import Owner


class _VaultIsDown:
    async def seal(self, *_: str) -> str:
        raise AssertionError("nothing is sealed here")

    async def open(self, *_: str) -> str:
        raise PartUnavailable("the vault does not answer", part="vault")


async def test_a_store_that_cannot_be_opened_now_is_told_of_in_the_log(world: World, owner: Owner) -> None:
    made = await owner.uses()
    await owner.recorded("r", owner.store())
    stores = Stores(world.db, _VaultIsDown(), world.opener, world.storage, shared_provider="minio")
    with capture_logs() as logged:
        sites = await Pictures(world.db, stores, world.clock, presign_ttl_s=3600).sites(TENANT)
    assert len(sites) == 1, "the appliance's own"
    [line] = logged
    assert (line["storage"], line["error"]) == (made.id, "the vault does not answer")
