"""Data keys on a real database: made once, read once, told apart."""

import asyncio
import base64

import pytest

from rtcstack.adapters.crypto.configured import keyring
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.domain.sealing import WrappedKey
from rtcstack.errors import Internal, PartUnavailable
from rtcstack.repositories import data_keys
from rtcstack.services.sealing.check import check_keys
from rtcstack.services.sealing.data_keys import NOTICED_MS, DataKeys
from rtcstack.settings import Sealing
from tests.support.sealing import sealer_for
from tests.unit.services.sealing.conftest import TENANT, Vessel


class SlowWrapper:
    """The appliance's key behind a wire: every call takes a turn of the loop, may fail, and is counted."""

    def __init__(self, key: str = "k") -> None:
        self._inner = keyring(Sealing.model_validate({"key": key}))
        self.wraps = self.unwraps = 0
        self.is_down = False

    async def current_id(self) -> str:
        return await self._inner.current_id()

    async def wrap(self, key: bytes, context: str) -> WrappedKey:
        self.wraps += 1
        await self._pass()
        return await self._inner.wrap(key, context)

    async def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        self.unwraps += 1
        await self._pass()
        return await self._inner.unwrap(wrapped, context)

    async def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        return await self._inner.rewrap(wrapped, context)

    def is_ready(self) -> bool:
        return True

    def opens(self, kek_id: str) -> bool:
        return self._inner.opens(kek_id)

    async def _pass(self) -> None:
        await asyncio.sleep(0.01)
        if self.is_down:
            raise PartUnavailable("the vault does not answer", part="vault")


async def test_the_first_use_makes_a_key_and_the_next_ones_take_it(vessel: Vessel) -> None:
    wrapper = SlowWrapper()
    keys = DataKeys(vessel.db, vessel.clock, wrapper)
    first = await keys.current(TENANT)
    assert len(first.secret) == 32
    assert await keys.current(TENANT) == await keys.get(first.id) == first
    assert (await keys.current("acme")).secret != first.secret
    assert (wrapper.wraps, wrapper.unwraps) == (2, 0)


async def test_processes_that_make_the_first_key_at_once_all_end_with_one(vessel: Vessel) -> None:
    others = [SqliteDatabase(vessel.path) for _ in range(3)]
    for db in others:
        await db.open()
    try:
        processes = [DataKeys(db, vessel.clock, SlowWrapper()) for db in (vessel.db, *others)]
        asked = [process.current(TENANT) for process in processes for _ in range(5)]
        assert len(set(await asyncio.gather(*asked))) == 1
    finally:
        for db in others:
            await db.close()
    assert await vessel.count("data_keys") == 1


async def test_a_hundred_at_once_unwrap_once(vessel: Vessel) -> None:
    made = await DataKeys(vessel.db, vessel.clock, SlowWrapper()).current(TENANT)
    wrapper = SlowWrapper()
    keys = DataKeys(vessel.db, vessel.clock, wrapper)
    assert set(await asyncio.gather(*(keys.get(made.id) for _ in range(100)))) == {made}
    assert wrapper.unwraps == 1


async def test_whoever_gives_up_waiting_takes_nobody_along(vessel: Vessel) -> None:
    made = await DataKeys(vessel.db, vessel.clock, SlowWrapper()).current(TENANT)
    keys = DataKeys(vessel.db, vessel.clock, SlowWrapper())
    impatient, patient = asyncio.create_task(keys.get(made.id)), asyncio.create_task(keys.get(made.id))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == made


async def test_a_vault_that_is_down_is_asked_again_next_time(vessel: Vessel) -> None:
    made = await DataKeys(vessel.db, vessel.clock, SlowWrapper()).current(TENANT)
    wrapper = SlowWrapper()
    wrapper.is_down = True
    keys = DataKeys(vessel.db, vessel.clock, wrapper)
    for _ in range(2):
        with pytest.raises(PartUnavailable):
            await keys.current(TENANT)
    wrapper.is_down = False
    assert await keys.current(TENANT) == made
    wrapper.is_down = True
    assert await keys.current(TENANT) == made


async def test_a_renewed_key_seals_at_once_here_and_soon_elsewhere(vessel: Vessel) -> None:
    here, elsewhere = (DataKeys(vessel.db, vessel.clock, SlowWrapper()) for _ in range(2))
    old = await here.current(TENANT)
    assert await elsewhere.current(TENANT) == old
    vessel.clock.advance(-60)  # a clock that was put back must not make the new one look old
    await here.renew([TENANT, "acme"])
    new = await here.current(TENANT)
    assert new != old
    vessel.clock.advance(60 + NOTICED_MS / 1000)
    assert await elsewhere.current(TENANT) == new
    assert await elsewhere.get(old.id) == old


async def test_a_key_that_was_given_to_another_tenant_does_not_open(vessel: Vessel) -> None:
    keys = DataKeys(vessel.db, vessel.clock, SlowWrapper())
    mine, theirs = await keys.current(TENANT), await keys.current("acme")
    async with vessel.db.transaction() as tx:
        await tx.execute(
            "UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE id = :theirs) WHERE id = :mine",
            theirs=theirs.id,
            mine=mine.id,
        )
    with pytest.raises(Internal) as caught:
        await DataKeys(vessel.db, vessel.clock, SlowWrapper()).get(mine.id)
    assert caught.value.word == "seal_broken"


async def test_an_unknown_data_key_is_named(vessel: Vessel) -> None:
    with pytest.raises(Internal, match="dk_gone"):
        await DataKeys(vessel.db, vessel.clock, SlowWrapper()).get("dk_gone")


async def test_a_start_with_another_appliance_key_is_refused_in_words(vessel: Vessel) -> None:
    await sealer_for(vessel.db, vessel.clock, "first").seal(TENANT, "x", "storages|secret|1")
    [kek_id] = await data_keys.count_by_kek(vessel.db)
    await check_keys(vessel.db, SlowWrapper("first"))
    with pytest.raises(
        Internal, match=f"{kek_id.partition(':')[2]}.*OLD_KEYS.*sealing forget {kek_id}"
    ) as caught:
        await check_keys(vessel.db, SlowWrapper("second"))
    assert caught.value.word == "sealing_key_missing"


async def test_a_start_without_any_key_is_refused_in_words(vessel: Vessel) -> None:
    with pytest.raises(Internal, match="RTCSTACK_SEALING__KEY"):
        await check_keys(vessel.db, keyring(Sealing()))


async def test_no_data_key_lies_in_the_database_as_it_is(vessel: Vessel) -> None:
    key = await DataKeys(vessel.db, vessel.clock, SlowWrapper()).current(TENANT)
    forms = (key.secret, key.secret.hex().encode(), base64.b64encode(key.secret)[:-4])
    files = [file for file in vessel.path.parent.iterdir() if file.name.startswith(vessel.path.name)]
    assert len(files) == 3  # the database, its log, its index
    assert [file.name for file in files for form in forms if form in file.read_bytes()] == []
    assert repr(key.secret)[2:10] not in repr(key)
