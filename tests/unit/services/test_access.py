import pytest

from rtcstack.domain.api_key import Scope
from rtcstack.domain.tenant import FOR_EVER
from rtcstack.errors import Invalid, KeyNotFound, NotFound, Unauthenticated
from tests.unit.services.conftest import World


async def test_a_key_leads_to_its_tenant_until_it_is_revoked(world: World) -> None:
    key, text = await world.access.create_key("acme", scope=Scope.READ)
    who = await world.access.principal(f"Bearer {text}")
    assert (who.tenant_id, who.scope, who.key_id) == ("acme", Scope.READ, key.id)
    await world.access.revoke_key(key.id)
    with pytest.raises(Unauthenticated) as caught:
        await world.access.principal(f"Bearer {text}")
    assert caught.value.word == "revoked_key"
    with pytest.raises(KeyNotFound):
        await world.access.revoke_key(key.id)


async def test_only_a_hash_is_stored(world: World) -> None:
    _, text = await world.access.create_key("acme")
    [row] = await world.db.all("SELECT * FROM api_keys")
    assert not any(text.split("_")[3][:20] in str(value) for value in dict(row).values())


@pytest.mark.parametrize(
    ("header", "code"),
    [(None, "missing_key"), ("", "missing_key"), ("Basic abc", "missing_key"), ("Bearer abc", "invalid_key")],
)
async def test_what_is_no_key_is_refused_by_name(world: World, header: str | None, code: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await world.access.principal(header)
    assert caught.value.word == code


async def test_the_right_id_with_another_secret_is_refused(world: World) -> None:
    _, first = await world.access.create_key("acme")
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE api_keys SET secret_hash = 'other'")
    with pytest.raises(Unauthenticated):
        await world.access.principal(f"Bearer {first}")


@pytest.mark.parametrize("tenant", ["", "-a", "Acme", "a b", "a:b", "a/b", "x" * 64])
async def test_tenants_have_plain_names(world: World, tenant: str) -> None:
    with pytest.raises(Invalid):
        await world.access.create_key(tenant)


async def test_a_key_may_have_a_name_that_is_a_line_of_text(world: World) -> None:
    key, _ = await world.access.create_key("acme", name="  the relay ")
    assert key.name == "the relay"
    assert [one.name for one in await world.access.list_keys()] == ["the relay"]
    for name in ("x" * 65, "a\nb", "\x00"):
        with pytest.raises(Invalid):
            await world.access.create_key("acme", name=name)


async def test_a_retention_is_kept_within_bounds(world: World) -> None:
    await world.access.create_tenant("acme")
    for days in (0, 36_500, FOR_EVER, None):
        await world.access.set_retention("acme", days)
        assert [
            one.deleted_retention_days for one in await world.access.list_tenants() if one.id == "acme"
        ] == [days]
    for wrong in (-2, 36_501):
        with pytest.raises(Invalid):
            await world.access.set_retention("acme", wrong)
    with pytest.raises(NotFound):
        await world.access.set_retention("nobody", 1)
