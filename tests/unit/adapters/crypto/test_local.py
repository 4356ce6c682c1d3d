import pytest

from rtcstack.adapters.crypto.appliance_key import ApplianceKey
from rtcstack.adapters.crypto.configured import appliance_keys, keyring
from rtcstack.domain.sealing import WrappedKey, data_key_place
from rtcstack.errors import Internal
from rtcstack.settings import Sealing

_PLACE = data_key_place("acme", "dk_1")
_DATA_KEY = bytes(range(32))


def _settings(key: str, *old_keys: str) -> Sealing:
    return Sealing.model_validate({"key": key, "old_keys": old_keys})


async def test_a_data_key_comes_back_at_its_place_only() -> None:
    wrapper = keyring(_settings("new"))
    wrapped = await wrapper.wrap(_DATA_KEY, _PLACE)
    assert wrapped.kek_id == await wrapper.current_id() == f"appliance:{ApplianceKey('new').id}"
    assert await wrapper.unwrap(wrapped, _PLACE) == _DATA_KEY
    for place in (data_key_place("acme", "dk_2"), data_key_place("other", "dk_1")):
        with pytest.raises(Internal) as caught:
            await wrapper.unwrap(wrapped, place)
        assert caught.value.word == "seal_broken"


@pytest.mark.parametrize("text", ["", "nonsense", "appliance.x.ä.ö", "a.b.c.d"])
async def test_a_changed_text_does_not_unwrap(text: str) -> None:
    wrapper = keyring(_settings("new"))
    wrapped = await wrapper.wrap(_DATA_KEY, _PLACE)
    with pytest.raises(Internal) as caught:
        await wrapper.unwrap(WrappedKey(text, wrapped.kek_id), _PLACE)
    assert caught.value.word == "seal_broken"


async def test_an_old_key_unwraps_and_what_is_rewrapped_needs_it_no_more() -> None:
    wrapped = await keyring(_settings("old")).wrap(_DATA_KEY, _PLACE)
    both = keyring(_settings("new", "older", "old"))
    assert both.opens(wrapped.kek_id)
    again = await both.rewrap(wrapped, _PLACE)
    new = keyring(_settings("new"))
    assert await new.unwrap(again, _PLACE) == _DATA_KEY
    assert not new.opens(wrapped.kek_id)
    with pytest.raises(Internal, match=wrapped.kek_id.removeprefix("appliance:")) as caught:
        await new.unwrap(wrapped, _PLACE)
    assert caught.value.word == "sealing_key_missing"


async def test_without_a_key_nothing_is_wrapped() -> None:
    """An empty secret is no key: anybody could make the same."""
    wrapper = keyring(_settings("", "old"))
    assert not wrapper.is_ready()
    assert set(appliance_keys(_settings("", "old", ""))) == {ApplianceKey("old").id}
    with pytest.raises(Internal) as caught:
        await wrapper.wrap(_DATA_KEY, _PLACE)
    assert caught.value.word == "no_sealing_key"
