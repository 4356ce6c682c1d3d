"""Settings for whoever has to go on although some of them are wrong."""

from pathlib import Path

import pytest

from rtcstack.settings import SettingsError, load
from rtcstack.settings.leniently import load_leniently
from rtcstack.settings.names import names, nearest


def test_right_settings_are_those_of_a_start(tmp_path: Path) -> None:
    environ = {"RTCSTACK_API__PORT": "8081"}
    assert load_leniently(environ, data=tmp_path) == (load(environ, data=tmp_path), ())


def test_wrong_ones_are_left_out_one_by_one_and_told(tmp_path: Path) -> None:
    environ = {
        "RTCSTACK_API__PORT": "0",
        "RTCSTACK_API__HOST": "0.0.0.0",
        "RTCSTACK_NOTHING": "1",
        "RTCSTACK_REDIS__PASSWORD_FILE": "/nowhere",
        "RTCSTACK_CONFIG": "/nowhere",
        "RTCSTACK_LIMITS__TRUSTED_PROXIES": "10.0.0.1",
    }
    settings, faults = load_leniently(environ, data=tmp_path)
    assert (settings.api.port, settings.api.host) == (8080, "0.0.0.0")
    assert {fault.name for fault in faults} == set(environ) - {"RTCSTACK_API__HOST"}


def test_a_wrong_start_names_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"RTCSTACK_API__PROT: .* did you mean RTCSTACK_API__PORT\?"):
        load({"RTCSTACK_API__PROT": "1"}, data=tmp_path)


def test_a_list_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"RTCSTACK_STORAGE__ALLOW_NETWORKS: this is a list"):
        load({"RTCSTACK_STORAGE__ALLOW_NETWORKS": "10.0.0.0/8"}, data=tmp_path)


def test_names() -> None:
    assert "RTCSTACK_SEALING__OLD_KEYS" in set(names(is_list=True))
    assert "RTCSTACK_API__PORT" not in set(names(is_list=True))
    assert nearest("RTCSTACK_API_PORT") == "RTCSTACK_API__PORT"
    assert nearest("RTCSTACK_DOMAIN") is None


def test_secrets_that_cannot_be_read_end_it(tmp_path: Path) -> None:
    """What is no text stands for what another user alone may read: root may read everything."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "storage_secret_key").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="codec can't decode"):
        load_leniently({"RTCSTACK_API__PORT": "8081"}, data=tmp_path)
