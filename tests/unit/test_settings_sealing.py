import sys

import pytest

from rtcstack.settings import SettingsError, load

_VAULT = {"RTCSTACK_SEALING__VAULT_URL": "https://vault.example.org:8200"}
_TOKEN = {"RTCSTACK_SEALING__VAULT_TOKEN": "hvs.CANARY"}


def test_vault_wraps_when_it_is_given_unless_told_otherwise() -> None:
    assert not load({}).sealing.is_vault_first
    assert load(_VAULT | _TOKEN).sealing.is_vault_first
    back = {"RTCSTACK_SEALING__WRAP_WITH": "appliance"}
    assert not load(_VAULT | _TOKEN | back).sealing.is_vault_first


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        (_VAULT, "RTCSTACK_SEALING__VAULT_URL: .*RTCSTACK_SEALING__VAULT_TOKEN.*is missing"),
        ({"RTCSTACK_SEALING__WRAP_WITH": "vault"}, "RTCSTACK_SEALING__WRAP_WITH: .*VAULT_URL is missing"),
        (_TOKEN | {"RTCSTACK_SEALING__VAULT_URL": "vault.example.org"}, "RTCSTACK_SEALING__VAULT_URL"),
        ({"RTCSTACK_SEALING__VAULT_MOUNT": "/a/"}, "RTCSTACK_SEALING__VAULT_MOUNT"),
        ({"RTCSTACK_SEALING__VAULT_KEY_NAME": "a/b"}, "RTCSTACK_SEALING__VAULT_KEY_NAME"),
    ],
)
def test_what_does_not_go_together_is_told(environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(environ)


def test_vault_without_its_client_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hvac", None)  # as if it were not installed
    with pytest.raises(
        SettingsError, match=r"RTCSTACK_SEALING__VAULT_URL: .*pip install 'rtcstack\[vault\]'"
    ):
        load(_VAULT | _TOKEN)


def test_old_keys_are_a_list() -> None:
    keys = load({"RTCSTACK_SEALING__OLD_KEYS": '["one", "two"]'}).sealing.old_keys
    assert [key.get_secret_value() for key in keys] == ["one", "two"]


@pytest.mark.parametrize("given", ["CANARY", '"CANARY"', '["a", ["CANARY"]]', '{"CANARY": 1}'])
def test_a_fault_in_a_secret_does_not_show_it(given: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({"RTCSTACK_SEALING__OLD_KEYS": given})
    assert "CANARY" not in str(caught.value)
