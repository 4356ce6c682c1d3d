"""Which buckets a tenant may not have for its own: another one's folders, and the appliance's."""

import pytest

from rtcstack.errors import Conflict
from tests.unit.services.conftest import World
from tests.unit.services.storage.conftest import Owner, draft

_OTHER = "globex"


async def _is_refused(world: World, **asked: str) -> None:
    with pytest.raises(Conflict) as refused:
        await world.storage_settings.put(_OTHER, draft(**asked))
    assert refused.value.word == "storage_taken"


@pytest.mark.parametrize("endpoint", ["http://localhost:9", "http://[::1]:9", "HTTP://LOCALHOST:9/"])
async def test_another_spelling_is_the_same_bucket(world: World, owner: Owner, endpoint: str) -> None:
    await world.access.create_tenant(_OTHER, "self-hosted")
    await owner.uses()
    await _is_refused(world, endpoint=endpoint)
    await world.storage_settings.put(_OTHER, draft(endpoint="http://localhost:8"))


async def test_a_bucket_that_was_left_counts_as_long_as_recordings_lie_in_it(
    world: World, owner: Owner
) -> None:
    await world.access.create_tenant(_OTHER, "self-hosted")
    await owner.uses("acme-1")
    await owner.recorded("room-1", owner.store("acme-1"))
    await owner.uses("acme-2")
    await _is_refused(world, bucket="acme-1")
    await owner.uses("acme-3")
    await world.storage_settings.put(_OTHER, draft("acme-2"))


@pytest.mark.parametrize("prefix", ["", "_t/acme/", "mine/"])
async def test_the_appliances_bucket_is_nobodys_own(world: World, prefix: str) -> None:
    await world.access.create_tenant(_OTHER, "self-hosted")
    shared = world.settings.storage
    for bucket in (shared.bucket, shared.cold_bucket):
        for endpoint in (shared.url, f"http://localhost:{shared.port}"):
            await _is_refused(world, bucket=bucket, endpoint=endpoint, prefix=prefix)
    assert world.opener.checked == []
