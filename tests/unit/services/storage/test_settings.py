from dataclasses import asdict

import pytest

from rtcstack.errors import Conflict, Invalid, StorageNotFound
from rtcstack.ports.storage import Permissions
from rtcstack.repositories import storages
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.storage.conftest import SECRET, Owner, draft


async def test_the_secret_is_sealed_and_bound_to_its_row(world: World, owner: Owner) -> None:
    first, second = await owner.uses("acme-1"), await owner.uses("acme-2")
    assert SECRET not in str(asdict(first))
    assert (await world.stores.access(first)).secret_access_key == SECRET
    rows = await world.db.all("SELECT * FROM storages")
    assert SECRET not in str([dict(row) for row in rows])
    async with world.db.transaction() as tx:
        await tx.execute(
            "UPDATE storages SET secret = :secret WHERE id = :id", id=first.id, secret=second.secret
        )
    swapped = await storages.find(world.db, first.id)
    assert swapped is not None
    with pytest.raises(Exception, match=r"(?i)seal|open|moved|changed"):
        await world.stores.access(swapped)


async def test_nothing_is_kept_of_a_bucket_that_fails_the_check(world: World, owner: Owner) -> None:
    good = await owner.uses("acme-1")
    world.opener.refusal = Invalid("The store refused.", code="storage_check_failed")
    with pytest.raises(Invalid):
        await owner.uses("acme-2")
    assert await world.storage_settings.get(TENANT) == good
    assert world.opener.checked[-1][1] == "rtcstack-check.txt"


async def test_the_check_puts_its_object_under_the_prefix(world: World, owner: Owner) -> None:
    await owner.uses(prefix="relay/recordings")
    assert world.opener.checked[-1][1] == "relay/recordings/rtcstack-check.txt"
    await world.storage_settings.test(TENANT)
    assert world.opener.checked[-1][1] == "relay/recordings/rtcstack-check.txt"


async def test_new_keys_for_the_same_bucket_change_its_row(world: World, owner: Owner) -> None:
    first = await owner.uses()
    before = await world.stores.of(first.id)
    again = await owner.uses(secret_access_key="another")
    assert again.id == first.id
    assert await world.stores.of(first.id) is before  # the same fake, but opened anew
    assert [access.secret_access_key for access in world.opener.opened] == [SECRET, "another"]


async def test_a_bucket_that_was_set_before_becomes_current_again(world: World, owner: Owner) -> None:
    first, second = await owner.uses("acme-1"), await owner.uses("acme-2")
    assert first.id != second.id
    assert (await owner.uses("acme-1")).id == first.id
    current = await storages.find_current(world.db, TENANT)
    assert current is not None
    assert (current.id, await world.count("storages")) == (first.id, 2)


async def test_unset_twice_there_is_nothing_left_to_unset(world: World, owner: Owner) -> None:
    await owner.uses()
    await world.storage_settings.delete(TENANT)
    for call in (
        world.storage_settings.delete(TENANT),
        world.storage_settings.get(TENANT),
        world.storage_settings.test(TENANT),
    ):
        with pytest.raises(StorageNotFound):
            await call


async def test_what_a_key_may_is_noted_anew_by_a_test(world: World, owner: Owner) -> None:
    own = await owner.uses()
    world.opener.permissions = Permissions(may_read=False, may_delete=False)
    shown = await world.storage_settings.test(TENANT)
    assert (shown.may_read, shown.may_delete) == (False, False)
    with pytest.raises(Conflict) as refused:
        await world.stores.check_readable(own.id)
    assert refused.value.word == "storage_read_forbidden"
    world.opener.permissions = Permissions(may_read=True, may_delete=False)
    await world.storage_settings.test(TENANT)
    await world.stores.check_readable(own.id)
    with pytest.raises(Conflict) as refused:
        await world.stores.check_movable(own.id)
    assert refused.value.word == "storage_delete_forbidden"


def test_a_draft_does_not_show_its_secret() -> None:
    assert SECRET not in repr(draft())


async def test_two_tenants_do_not_share_folders(world: World, owner: Owner) -> None:
    await world.access.create_tenant("globex", "self-hosted")
    await owner.uses(prefix="acme")
    with pytest.raises(Conflict) as refused:
        await world.storage_settings.put("globex", draft(prefix="acme/"))
    assert refused.value.word == "storage_taken"
    await world.storage_settings.put("globex", draft(prefix="globex"))
    await owner.uses("acme-2")
    await world.storage_settings.put("globex", draft(prefix="acme"))
