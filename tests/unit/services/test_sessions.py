"""Users of the dashboard and their sessions."""

import asyncio

import pytest

from rtcstack.domain.admin_user import IDLE_MS, hash_token
from rtcstack.domain.audit import AuditFilter
from rtcstack.errors import Invalid, NotFound, RateLimited, Unauthenticated
from rtcstack.repositories import admin_users
from tests.support.dashboard import PASSWORD, cheap_hash
from tests.unit.services.conftest import World


async def test_the_first_user_is_made_once(world: World) -> None:
    users = world.services.admin_users
    password = await users.make_first()
    assert password is not None
    assert await users.make_first() is None
    assert await world.services.sessions.find(await world.services.sessions.sign_in("admin", password))


@pytest.mark.parametrize(("name", "password"), [("admin", "wrong password"), ("nobody", "a password of 1")])
async def test_what_is_wrong_is_not_told(world: World, name: str, password: str) -> None:
    await world.services.admin_users.set_password("admin", "a password of 1")
    with pytest.raises(Unauthenticated, match="The name or the password is wrong"):
        await world.services.sessions.sign_in(name, password)


async def test_few_wait_for_their_password_to_be_looked_at(world: World) -> None:
    async with world.db.transaction() as tx:
        await admin_users.put(tx, "adm_1", "admin", cheap_hash(PASSWORD), 1)
    sign_in = world.services.sessions.sign_in
    told = await asyncio.gather(*(sign_in("admin", PASSWORD) for _ in range(36)), return_exceptions=True)
    refused = [one for one in told if isinstance(one, RateLimited)]
    tokens = [one for one in told if isinstance(one, str)]
    assert len(refused) + len(tokens) == 36
    assert len(refused) == 28
    assert await sign_in("admin", PASSWORD), "nobody waits any more"


async def test_a_session_is_found_until_it_was_not_used_for_long(world: World) -> None:
    sessions = world.services.sessions
    await world.services.admin_users.set_password("admin", "a password of 1")
    token = await sessions.sign_in("admin", "a password of 1")
    for _ in range(3):
        world.clock.advance(IDLE_MS / 1000 - 1)
        found = await sessions.find(token)
        assert found is not None
        assert await sessions.is_live(found)
    world.clock.advance(IDLE_MS / 1000)
    assert await sessions.find(token) is None
    assert not await sessions.is_live(found)


async def test_only_the_hash_of_a_token_is_stored(world: World) -> None:
    await world.services.admin_users.set_password("admin", "a password of 1")
    token = await world.services.sessions.sign_in("admin", "a password of 1")
    rows = await world.db.all("SELECT * FROM sessions")
    assert [row["token_hash"] for row in rows] == [hash_token(token)]
    assert token not in str([tuple(row) for row in rows])


async def test_who_signs_out_or_gets_another_password_has_no_session(world: World) -> None:
    sessions = world.services.sessions
    await world.services.admin_users.set_password("admin", "a password of 1")
    here, there = [await sessions.sign_in("admin", "a password of 1") for _ in range(2)]
    found = await sessions.find(here)
    assert found is not None
    await sessions.sign_out(found)
    assert await sessions.find(here) is None
    assert await sessions.find(there) is not None
    await world.services.admin_users.set_password("admin", "a password of 2")
    assert await sessions.find(there) is None


async def test_a_tenant_that_is_not_there_cannot_be_looked_at(world: World) -> None:
    sessions = world.services.sessions
    await world.services.admin_users.set_password("admin", "a password of 1")
    token = await sessions.sign_in("admin", "a password of 1")
    session = await sessions.find(token)
    assert session is not None
    with pytest.raises(NotFound):
        await sessions.look_at(session, "nobody")
    await world.services.access.create_tenant("acme")
    await sessions.look_at(session, "acme")
    now = await sessions.find(token)
    assert now is not None
    assert now.tenant_id == "acme"


async def test_the_current_password_is_asked_for(world: World) -> None:
    sessions = world.services.sessions
    await world.services.admin_users.set_password("admin", "a password of 1")
    session = await sessions.find(await sessions.sign_in("admin", "a password of 1"))
    assert session is not None
    await sessions.check_password(session, "a password of 1")
    with pytest.raises(Unauthenticated):
        await sessions.check_password(session, "a password of 2")


async def test_a_password_that_is_too_short_changes_nothing(world: World) -> None:
    await world.services.admin_users.set_password("admin", "a password of 1")
    with pytest.raises(Invalid):
        await world.services.admin_users.set_password("admin", "short")
    assert await world.services.sessions.sign_in("admin", "a password of 1")


async def test_it_is_told_who_signed_in(world: World) -> None:
    await world.services.admin_users.set_password("admin", "a password of 1")
    await world.services.sessions.sign_in("admin", "a password of 1")
    page = await world.services.audit_log.page(AuditFilter(), cursor=None, limit=10)
    assert [entry.action for entry in page.entries][:2] == ["admin.sign_in", "admin.password"]
    assert "a password of 1" not in str(page.entries)
