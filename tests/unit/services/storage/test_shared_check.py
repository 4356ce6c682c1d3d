"""The appliance's own bucket is tested by using it."""

import pytest

from rtcstack.errors import PartRefused, PartUnavailable
from tests.unit.services.conftest import World


async def test_an_object_is_put_read_and_deleted(world: World) -> None:
    assert await world.shared_bucket_check.run() >= 0
    assert world.storage.objects == {}


@pytest.mark.parametrize(("call", "said"), [("upload", "put"), ("download", "read"), ("delete", "deleted")])
async def test_it_is_told_what_the_store_did_not_do(world: World, call: str, said: str) -> None:
    for error in (PartRefused("Access Denied.", part="minio"), PartUnavailable("It is down.", part="minio")):
        world.storage.fail_at(call, error, 1)
        with pytest.raises(type(error)) as told:
            await world.shared_bucket_check.run()
        assert told.value.message == f"No object can be {said}: {error.message}"
        assert call == "delete" or world.storage.objects == {}, "what was put is taken away again"
    assert await world.shared_bucket_check.run() >= 0, "the next one works"
