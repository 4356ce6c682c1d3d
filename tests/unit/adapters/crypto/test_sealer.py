import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.adapters.crypto.appliance_key import ApplianceKey
from rtcstack.adapters.crypto.sealer import EnvelopeSealer
from rtcstack.domain.sealing import V1, DataKey, SealedText, place
from rtcstack.errors import Internal
from tests.unit.adapters.crypto.conftest import DataKeysInMemory

_HERE = place("webhook_endpoints", "secret", "whk_1")
_KEY = ApplianceKey("the appliance's")


def _sealer(keys: DataKeysInMemory) -> EnvelopeSealer:
    return EnvelopeSealer(keys, {_KEY.id: _KEY})


def _first_generation(plaintext: str, context: str, key: ApplianceKey = _KEY) -> str:
    """Return what releases before data keys wrote."""
    return str(SealedText(V1, key.id, *key.encrypt(plaintext.encode(), context)))


@given(st.text())
def test_what_was_sealed_opens_at_its_place(plaintext: str) -> None:
    async def there_and_back() -> str:
        sealer = _sealer(DataKeysInMemory())
        return await sealer.open("acme", await sealer.seal("acme", plaintext, _HERE), _HERE)

    assert asyncio.run(there_and_back()) == plaintext


@pytest.mark.parametrize(
    ("tenant", "context", "cause"),
    [
        ("acme", place("webhook_endpoints", "secret", "whk_2"), "altered_or_moved"),
        ("acme", place("storages", "secret", "whk_1"), "altered_or_moved"),
        ("acme", place("webhook_endpoints", "url", "whk_1"), "altered_or_moved"),
        ("other", _HERE, "another_tenant"),
    ],
    ids=["another row", "another table", "another column", "another tenant"],
)
async def test_it_opens_nowhere_else(
    data_keys: DataKeysInMemory, tenant: str, context: str, cause: str
) -> None:
    sealer = _sealer(data_keys)
    sealed = await sealer.seal("acme", "secret", _HERE)
    await sealer.seal("other", "has a key as well", _HERE)
    with pytest.raises(Internal) as caught:
        await sealer.open(tenant, sealed, context)
    assert (caught.value.word, caught.value.details["cause"]) == ("seal_broken", cause)
    assert caught.value.details["context"] == context


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda text: text[:-4] + ("AAAA" if text[-4:] != "AAAA" else "BBBB"), "altered_or_moved"),
        (lambda text: text[:-4], "altered_or_moved"),
        (lambda text: text[:30], "damaged"),
        (lambda text: text.replace("dk_acme", "dk_other"), "another_tenant"),
        (lambda text: text.replace("dk_acme", "dk_gone"), None),
        (lambda text: text.replace("v2.", "v3."), None),
        (lambda text: text.replace("v2.", "v1."), None),
        (lambda text: text + ".x", "damaged"),
        (lambda _: "", "damaged"),
        (lambda _: "nonsense", "damaged"),
        (lambda _: "v2.dk_acme.ä.ö", "damaged"),
    ],
)
async def test_a_changed_text_does_not_open_and_the_cause_is_told(
    data_keys: DataKeysInMemory, change: Callable[[str], str], cause: str | None
) -> None:
    sealer = _sealer(data_keys)
    await sealer.seal("other", "has a key as well", _HERE)
    changed = change(await sealer.seal("acme", "secret", _HERE))
    with pytest.raises(Internal) as caught:
        await sealer.open("acme", changed, _HERE)
    assert caught.value.word in {"seal_broken", "sealing_key_missing"}
    assert caught.value.details.get("cause") == cause


class _Unreachable(DataKeysInMemory):
    async def get(self, data_key_id: str) -> DataKey:
        raise ValueError(f"no active connection, for {data_key_id} either")


async def test_trouble_of_another_kind_is_not_told_of_as_a_broken_seal(data_keys: DataKeysInMemory) -> None:
    sealed = await _sealer(data_keys).seal("acme", "secret", _HERE)
    with pytest.raises(ValueError, match="no active connection"):
        await _sealer(_Unreachable()).open("acme", sealed, _HERE)


async def test_sealing_twice_gives_two_texts_and_neither_shows_the_secret(
    data_keys: DataKeysInMemory,
) -> None:
    sealer = _sealer(data_keys)
    first, second = [await sealer.seal("acme", "CANARY", _HERE) for _ in range(2)]
    assert first != second
    assert "CANARY" not in first + second


async def test_what_was_sealed_before_there_were_data_keys_still_opens(data_keys: DataKeysInMemory) -> None:
    sealed = _first_generation("of old", _HERE)
    assert await _sealer(data_keys).open("acme", sealed, _HERE) == "of old"
    with pytest.raises(Internal) as caught:
        await _sealer(data_keys).open("acme", sealed, place("webhook_endpoints", "secret", "whk_2"))
    assert (caught.value.word, caught.value.details["cause"]) == ("seal_broken", "altered_or_moved")


async def test_the_key_that_is_wanted_is_named(data_keys: DataKeysInMemory) -> None:
    other = ApplianceKey("another")
    with pytest.raises(Internal, match=f"appliance key {other.id}.*RTCSTACK_SEALING__OLD_KEYS") as caught:
        await _sealer(data_keys).open("acme", _first_generation("x", _HERE, other), _HERE)
    assert caught.value.word == "sealing_key_missing"


async def test_nothing_is_sealed_for_a_column_that_no_rotation_knows(data_keys: DataKeysInMemory) -> None:
    for context in ("", "tenants|name|1", "webhook_endpoints|secret", "webhook_endpoints|secrets|1"):
        with pytest.raises(Internal, match="sealed_columns"):
            await _sealer(data_keys).seal("acme", "secret", context)
