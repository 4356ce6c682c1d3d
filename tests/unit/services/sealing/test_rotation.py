"""Rotation on a real database, beside processes that go on sealing."""

from dataclasses import dataclass

import pytest

from rtcstack.adapters.crypto.appliance_key import ApplianceKey
from rtcstack.adapters.crypto.configured import appliance_keys, keyring
from rtcstack.adapters.crypto.sealer import EnvelopeSealer
from rtcstack.domain.sealing import V1, SealedText, place
from rtcstack.domain.webhook import Endpoint
from rtcstack.errors import Conflict, Internal, NotFound
from rtcstack.repositories import data_keys, tenants, webhooks
from rtcstack.repositories.sealed_columns import SEALED, page
from rtcstack.services.sealing.data_keys import NOTICED_MS, DataKeys
from rtcstack.services.sealing.inventory import SealingKeys
from rtcstack.services.sealing.rotation import Rotation
from rtcstack.settings import Sealing
from tests.unit.services.sealing.conftest import Vessel

_OLD, _NEW = ApplianceKey("old"), ApplianceKey("new")


@dataclass
class Process:
    """One process on the database, with the keys that its settings give it."""

    sealer: EnvelopeSealer
    keys: SealingKeys
    rotation: Rotation

    @classmethod
    def of(cls, vessel: Vessel, key: str, *old_keys: str) -> "Process":
        settings = Sealing.model_validate({"key": key, "old_keys": old_keys})
        wrapper = keyring(settings)
        data = DataKeys(vessel.db, vessel.clock, wrapper)
        sealer = EnvelopeSealer(data, appliance_keys(settings))
        rotation = Rotation(vessel.db, vessel.clock, wrapper, data, sealer, noticed_ms=0)
        return cls(sealer, SealingKeys(vessel.db, vessel.clock, wrapper), rotation)


def _context(endpoint_id: str) -> str:
    return place("webhook_endpoints", "secret", endpoint_id)


async def _add(vessel: Vessel, tenant: str, endpoint_id: str, sealed: str) -> None:
    async with vessel.db.transaction() as tx:
        await tenants.add_tenant(tx, tenant, "free", 1)
        await webhooks.add_endpoint(tx, Endpoint(endpoint_id, tenant, "https://x", (), sealed, 1))


async def _seal_some(vessel: Vessel, process: Process, tenant_ids: str = "ab", n: int = 3) -> None:
    for tenant in tenant_ids:
        for i in range(n):
            sealed = await process.sealer.seal(tenant, f"secret {tenant}{i}", _context(f"whk_{tenant}{i}"))
            await _add(vessel, tenant, f"whk_{tenant}{i}", sealed)


async def _all_open(vessel: Vessel, process: Process) -> int:
    """Check that every endpoint's secret opens to its own; return how many there are."""
    rows = await vessel.db.all("SELECT id, tenant_id, secret FROM webhook_endpoints")
    for row in rows:
        opened = await process.sealer.open(row["tenant_id"], row["secret"], _context(row["id"]))
        assert opened == f"secret {row['id'].removeprefix('whk_')}"
    return len(rows)


async def test_after_a_rotation_the_old_key_is_needed_no_more(vessel: Vessel) -> None:
    await _seal_some(vessel, Process.of(vessel, "old"))
    before = await vessel.db.all("SELECT secret FROM webhook_endpoints ORDER BY id")
    done = await Process.of(vessel, "new", "old").rotation.rotate(with_data_keys=False)
    assert (done.kek_id, done.rewrapped, done.data_keys_made, done.resealed, done.failed) == (
        f"appliance:{_NEW.id}", 2, 0, 0, {},
    )  # fmt: skip
    assert await data_keys.count_by_kek(vessel.db) == {f"appliance:{_NEW.id}": 2}
    assert await vessel.db.all("SELECT secret FROM webhook_endpoints ORDER BY id") == before
    assert await _all_open(vessel, Process.of(vessel, "new")) == 6
    again = await Process.of(vessel, "new").rotation.rotate(with_data_keys=False)
    assert (again.rewrapped, again.resealed) == (0, 0)


async def test_new_data_keys_seal_everything_anew_in_every_column(vessel: Vessel) -> None:
    process = Process.of(vessel, "k")
    await _seal_some(vessel, process)
    await _fill_other_columns(vessel, process)
    old = {key.id for key in await data_keys.list_newest(vessel.db)}
    done = await process.rotation.rotate(with_data_keys=True)
    assert (done.data_keys_made, done.resealed, done.failed) == (2, 6 + 3, {})
    new = {key.id for key in await data_keys.list_newest(vessel.db)}
    assert not new & old
    for column in SEALED:
        texts = await page(vessel.db, column, after=None, limit=100)
        assert texts
        assert {SealedText.parse(s.text).key_id for s in texts} <= new
    assert await _all_open(vessel, Process.of(vessel, "k")) == 6
    assert (await process.keys.inventory()).behind == 0


async def _fill_other_columns(vessel: Vessel, process: Process) -> None:
    bucket = await process.sealer.seal("a", "bucket's", place("storages", "secret", "sto_1"))
    answer = await process.sealer.seal("b", "answer", place("idempotency_keys", "body", "b", "a|key"))
    earlier = await process.sealer.seal("a", "earlier", place("webhook_endpoints", "old_secret", "whk_a0"))
    async with vessel.db.transaction() as tx:
        await tx.execute("UPDATE webhook_endpoints SET old_secret = :old WHERE id = 'whk_a0'", old=earlier)
        await tx.execute(
            "INSERT INTO storages (id, tenant_id, endpoint, region, bucket, access_key_id, secret, created_at_ms,"
            " updated_at_ms) VALUES ('sto_1', 'a', 'e', 'r', 'b', 'k', :secret, 1, 1)",
            secret=bucket,
        )
        await tx.execute(
            "INSERT INTO idempotency_keys (tenant_id, key, fingerprint, status_code, body, created_at_ms)"
            " VALUES ('b', 'a|key', 'f', 200, :body, 1), ('b', 'unanswered', 'f', NULL, NULL, 1)",
            body=answer,
        )


async def test_texts_from_before_data_keys_are_sealed_anew_by_any_rotation(vessel: Vessel) -> None:
    for i in range(3):
        text = SealedText(V1, _OLD.id, *_OLD.encrypt(f"secret a{i}".encode(), _context(f"whk_a{i}")))
        await _add(vessel, "a", f"whk_a{i}", str(text))
    process = Process.of(vessel, "new", "old")
    found = await process.keys.inventory()
    assert [(u.kek_id, u.data_keys, u.texts) for u in found.uses if u.texts] == [
        (f"appliance:{_OLD.id}", 0, 3)
    ]
    assert await _all_open(vessel, process) == 3
    done = await process.rotation.rotate(with_data_keys=False)
    assert (done.resealed, done.failed) == (3, {})
    assert await _all_open(vessel, Process.of(vessel, "new")) == 3


async def test_a_process_that_goes_on_with_an_old_data_key_is_caught_up_with(vessel: Vessel) -> None:
    elsewhere, here = Process.of(vessel, "k"), Process.of(vessel, "k")
    await _seal_some(vessel, elsewhere, "a")
    await here.rotation.rotate(with_data_keys=True)
    late = await elsewhere.sealer.seal("a", "secret a9", _context("whk_a9"))  # it has not noticed yet
    await _add(vessel, "a", "whk_a9", late)
    assert (await here.keys.inventory()).behind == 1
    done = await here.rotation.rotate(with_data_keys=True)
    assert (done.data_keys_made, done.resealed) == (0, 1)  # the run of before is finished, not begun again
    vessel.clock.advance(NOTICED_MS / 1000)
    newest = [key.id for key in await data_keys.list_newest(vessel.db)]
    assert [SealedText.parse(await elsewhere.sealer.seal("a", "x", _context("w"))).key_id] == newest


async def test_what_is_left_behind_for_long_does_not_keep_a_key_from_being_renewed(vessel: Vessel) -> None:
    process = Process.of(vessel, "k")
    await _seal_some(vessel, process, "a")
    await _add(vessel, "a", "whk_broken", "v2.dk_gone.AAAA.AAAA")
    vessel.clock.advance(25 * 3600)
    done = await process.rotation.rotate(with_data_keys=True)
    assert (done.data_keys_made, done.resealed) == (1, 3)
    assert list(done.failed) == [_context("whk_broken")]


class _Meddler:
    """Somebody sets another secret while a rotation holds the text of before."""

    def __init__(self, vessel: Vessel, sealer: EnvelopeSealer) -> None:
        self._vessel, self._sealer, self._is_done = vessel, sealer, False

    async def open(self, tenant_id: str, sealed: str, context: str) -> str:
        if not self._is_done:
            self._is_done = True
            other = await self._sealer.seal(tenant_id, "another", context)
            async with self._vessel.db.transaction() as tx:
                await tx.execute("UPDATE webhook_endpoints SET secret = :other", other=other)
        return await self._sealer.open(tenant_id, sealed, context)

    async def seal(self, tenant_id: str, plaintext: str, context: str) -> str:
        return await self._sealer.seal(tenant_id, plaintext, context)


async def test_a_secret_that_changes_meanwhile_is_not_put_back(vessel: Vessel) -> None:
    process = Process.of(vessel, "k")
    await _seal_some(vessel, process, "a", 1)
    process.rotation._sealer = _Meddler(vessel, process.sealer)
    assert (await process.rotation.rotate(with_data_keys=True)).resealed == 0
    [row] = await vessel.db.all("SELECT secret FROM webhook_endpoints")
    assert await process.sealer.open("a", row["secret"], _context("whk_a0")) == "another"


async def test_a_missing_key_is_told_by_place_and_the_rest_is_rotated(vessel: Vessel) -> None:
    await _seal_some(vessel, Process.of(vessel, "lost"), "a", 1)
    await _seal_some(vessel, Process.of(vessel, "old"), "b", 1)
    done = await Process.of(vessel, "new", "old").rotation.rotate(with_data_keys=False)
    assert done.rewrapped == 1
    [(where, words)] = done.failed.items()
    assert where.startswith("data_keys|wrapped|a|dk_")
    assert ApplianceKey("lost").id in words


async def test_a_lost_key_can_be_forgotten_and_a_present_one_cannot(vessel: Vessel) -> None:
    await _seal_some(vessel, Process.of(vessel, "lost"), "a", 1)
    await _seal_some(vessel, Process.of(vessel, "k"), "b", 1)
    process = Process.of(vessel, "k")
    lost = f"appliance:{ApplianceKey('lost').id}"
    assert [u.kek_id for u in (await process.keys.inventory()).uses if not u.is_configured] == [lost]
    with pytest.raises(Conflict, match="rotate"):
        await process.keys.forget(f"appliance:{ApplianceKey('k').id}")
    assert await process.keys.forget(lost) == 1
    with pytest.raises(NotFound):
        await process.keys.forget(lost)
    [row] = await vessel.db.all("SELECT secret FROM webhook_endpoints WHERE tenant_id = 'a'")
    with pytest.raises(Internal, match="data key"):
        await process.sealer.open("a", row["secret"], _context("whk_a0"))
    assert await process.sealer.seal("a", "anew", _context("whk_a0"))
