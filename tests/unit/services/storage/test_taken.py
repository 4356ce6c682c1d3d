"""Which buckets a tenant may not have for its own: another one's folders, and the appliance's."""

import pytest

from rtcstack.errors import Conflict, Invalid
from tests.unit.services.conftest import World
from tests.unit.services.storage.conftest import Owner, draft

_OTHER = "globex"


async def _is_refused(world: World, **asked: str) -> None:
    with pytest.raises(Conflict) as refused:
        await world.storage_settings.put(_OTHER, draft(**asked))
    assert refused.value.word == "storage_taken"


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://localhost:9",
        "http://[::1]:9",
        "HTTP://LOCALHOST:9/",
        "http://127.1:9",
        "http://2130706433:9",
        "http://0x7f.1:9",
        "http://[::ffff:127.0.0.1]:9",
        "https://127.0.0.1:9",
    ],
)
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


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [("", ""), ("", "a/"), ("a/", ""), ("a/", "a/b/"), ("a/b/", "a/"), ("a/b/", "a/b/"), ("a", "a/b")],
)
async def test_a_prefix_that_shares_folders_with_another_tenants_is_refused(
    world: World, owner: Owner, theirs: str, mine: str
) -> None:
    """Each could read and replace the other's recordings."""
    await world.access.create_tenant(_OTHER, "self-hosted")
    await owner.uses(prefix=theirs)
    await _is_refused(world, prefix=mine)
    await owner.uses(prefix=theirs, access_key_id="AK2")  # whose it is may change the key


@pytest.mark.parametrize(("theirs", "mine"), [("a/", "b/"), ("a/", "ab/"), ("ab/", "a/"), ("a/b/", "a/c/")])
async def test_a_prefix_beside_another_tenants_is_accepted(
    world: World, owner: Owner, theirs: str, mine: str
) -> None:
    await world.access.create_tenant(_OTHER, "self-hosted")
    await owner.uses(prefix=theirs)
    made = await world.storage_settings.put(_OTHER, draft(prefix=mine))
    assert made.prefix == mine


@pytest.mark.parametrize("mine", ["", "first/", "first/room-1/", "fi"])
async def test_folders_with_recordings_count_after_the_prefix_was_changed(
    world: World, owner: Owner, mine: str
) -> None:
    await world.access.create_tenant(_OTHER, "self-hosted")
    await owner.uses(prefix="first/")
    await owner.recorded("room-1", owner.store())
    await owner.uses(prefix="second/")
    if mine == "fi":
        await world.storage_settings.put(_OTHER, draft(prefix=mine))
    else:
        await _is_refused(world, prefix=mine)


async def test_two_names_of_one_store_are_looked_up(world: World, owner: Owner) -> None:
    await world.access.create_tenant(_OTHER, "self-hosted")
    world.opener.names = {"minio.lan": frozenset({"10.0.0.5"}), "nas.lan": frozenset({"fd00::5", "10.0.0.5"})}
    await owner.uses(endpoint="http://minio.lan:9000")
    await _is_refused(world, endpoint="http://nas.lan:9000")
    await world.storage_settings.put(_OTHER, draft(endpoint="http://nas.lan:9001"))
    await world.storage_settings.put(_OTHER, draft(endpoint="http://unknown.lan:9000"))


async def test_hosts_of_a_provider_share_addresses_and_nothing_else(world: World, owner: Owner) -> None:
    await world.access.create_tenant(_OTHER, "self-hosted")
    one, other = "a.r2.cloudflarestorage.com", "b.r2.cloudflarestorage.com"
    world.opener.names = dict.fromkeys((one, other), frozenset({"104.16.0.1"}))
    await owner.uses(endpoint=f"https://{one}")
    await world.storage_settings.put(_OTHER, draft(endpoint=f"https://{other}"))
    await _is_refused(world, endpoint=f"https://{one.upper()}:443")


async def test_the_appliances_bucket_is_found_under_another_name(world: World) -> None:
    await world.access.create_tenant(_OTHER, "self-hosted")
    shared = world.settings.storage
    world.opener.names = {"nas.lan": frozenset({"10.0.0.5"}), shared.host: frozenset({"10.0.0.5"})}
    await _is_refused(world, bucket=shared.bucket, endpoint=f"http://nas.lan:{shared.port}")
    assert world.opener.checked == []


async def test_who_has_no_key_does_not_learn_whose_a_bucket_is(world: World, owner: Owner) -> None:
    await world.access.create_tenant(_OTHER, "self-hosted")
    await owner.uses(prefix="secret-project/")
    world.opener.refusal = Invalid("The store refused.", code="storage_check_failed")
    for prefix in ("secret-project/", "no-such/"):
        with pytest.raises(Invalid, match=r"The store refused\."):
            await world.storage_settings.put(_OTHER, draft(prefix=prefix))
