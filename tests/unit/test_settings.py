import os
from pathlib import Path

import pytest

from rtcstack.settings import SECRETS, Settings, SettingsError, load


def test_defaults_listen_on_loopback_only() -> None:
    settings = load({})
    assert settings.api.is_loopback
    assert {settings.livekit.host, settings.redis.host, settings.storage.host} == {"127.0.0.1"}


def test_the_environment_wins_over_the_file_and_the_file_over_the_data_folder(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "redis_password").write_text("from-data\n")
    (secrets / "livekit_api_key").write_text("from-data\n")
    config = tmp_path / "rtcstack.toml"
    config.write_text('[livekit]\napi_key = "from-file"\nport = 7001\n[api]\nport = 7002\n')
    settings = load({"RTCSTACK_CONFIG": str(config), "RTCSTACK_API__PORT": "7003"}, data=tmp_path)
    assert settings.redis.password.get_secret_value() == "from-data"
    assert settings.livekit.api_key.get_secret_value() == "from-file"
    assert (settings.livekit.port, settings.api.port) == (7001, 7003)


def test_a_secret_may_come_from_a_named_file(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("sesame\n")
    settings = load({"RTCSTACK_LIVEKIT__API_SECRET_FILE": str(tmp_path / "s")})
    assert settings.livekit.api_secret.get_secret_value() == "sesame"


def test_a_named_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RTCSTACK_LIVEKIT__API_SECRET_FILE"):
        load({"RTCSTACK_LIVEKIT__API_SECRET_FILE": str(tmp_path / "none")})


def test_all_faults_are_told_at_once_and_by_name() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"RTCSTACK_API__PORT": "99999", "RTCSTACK_API__PROT": "1", "RTCSTACK_NONSENSE": "1"})
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "RTCSTACK_API__PORT",
        "RTCSTACK_API__PROT",
        "RTCSTACK_NONSENSE",
    ]


def test_a_fault_names_the_place_where_the_value_stands(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("plan = 'x'\n[api]\nport = 99999\nprot = 1\n[clips]\nworkers = 'x'\n")
    environ = {"RTCSTACK_CONFIG": str(file), "RTCSTACK_CLIPS__WORKERS": "y"}
    with pytest.raises(SettingsError) as caught:
        load(environ)
    by_place = dict(line.split(": ", 1) for line in str(caught.value).splitlines())
    assert set(by_place) == {
        f"plan in {file}",
        f"api.port in {file}",
        f"api.prot in {file}",
        "RTCSTACK_CLIPS__WORKERS",  # the environment comes before the file
    }
    assert (
        by_place[f"api.prot in {file}"] == "there is no such setting; did you mean `port = …` under `[api]`?"
    )


def test_minio_bucket_is_honoured_and_ours_wins() -> None:
    assert load({"MINIO_BUCKET": "their-bucket"}).storage.bucket == "their-bucket"
    both = {"MINIO_BUCKET": "their-bucket", "RTCSTACK_STORAGE__BUCKET": "our-bucket"}
    assert load(both).storage.bucket == "our-bucket"


def test_no_secret_shows_in_the_settings_text() -> None:
    environ = {f"RTCSTACK_{s.upper()}__{n.upper()}": f"CANARY{i}" for i, (s, n) in enumerate(SECRETS)}
    assert "CANARY" not in repr(load(environ))


def test_a_tenant_may_not_change_them() -> None:
    settings = load({})
    with pytest.raises(ValueError, match="frozen"):
        settings.api.port = 1  # type: ignore[misc]  # that it cannot be set is the point


def test_the_process_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "RTCSTACK_API__PORT", "1")  # noqa: TID251  # the test is about it
    assert load({}).api.port == Settings().api.port
