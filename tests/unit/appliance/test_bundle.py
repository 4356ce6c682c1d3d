"""What `rtcstack configure` gives the parts of the compose bundle."""

import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rtcstack.appliance import bundle
from rtcstack.appliance.faults import CannotStart
from rtcstack.appliance.secrets import make_missing
from rtcstack.settings import SECRETS, Settings, load
from tests.support.environment import outer_environment

_IN_COMPOSE = {
    "RTCSTACK_API__HOST": "0.0.0.0",
    "RTCSTACK_LIVEKIT__HOST": "livekit",
    "RTCSTACK_LIVEKIT__NODE_IP": "127.0.0.1",
    "RTCSTACK_LIVEKIT__TURN_DOMAIN": "",
    "RTCSTACK_REDIS__HOST": "redis",
    "RTCSTACK_REDIS__PORT": "6379",
    "RTCSTACK_STORAGE__HOST": "minio",
    "RTCSTACK_EGRESS__API_URL": "http://api:8080",
}

_NO_NAME = "x" * 64
"""Too long for a name: nobody is asked for it."""


def _settings(data: Path, **environ: str) -> Settings:
    given = {**_IN_COMPOSE, **environ}
    make_missing(load(given, data=data))
    return load(given, data=data)


def _livekit(data: Path, **environ: str) -> str:
    return bundle.files(_settings(data, **environ), Path("/data"))["livekit.yaml"]


def test_parts_listen_everywhere_and_find_each_other_by_name(tmp_path: Path) -> None:
    files = bundle.files(_settings(tmp_path), Path("/data"))
    assert "bind 0.0.0.0" in files["redis.conf"]
    assert 'dir "/data"' in files["redis.conf"]
    livekit = files["livekit.yaml"]
    assert 'bind_addresses: ["0.0.0.0"]' in livekit
    assert 'address: "redis:6379"' in livekit
    assert 'urls: ["http://api:8080/hooks/livekit"]' in livekit


def test_clients_on_the_machine_are_sent_to_loopback_and_to_no_foreign_server(tmp_path: Path) -> None:
    livekit = _livekit(tmp_path)
    assert 'node_ip: "127.0.0.1"' in livekit
    assert 'stun_servers: ["127.0.0.1:7882"]' in livekit
    assert "enabled: false" in livekit


def test_a_domain_brings_turn(tmp_path: Path) -> None:
    livekit = _livekit(
        tmp_path, RTCSTACK_LIVEKIT__NODE_IP="192.0.2.7", RTCSTACK_LIVEKIT__TURN_DOMAIN="turn.example.org"
    )
    assert re.search(r'enabled: true\n  domain: "turn.example.org"\n  tls_port: 5349', livekit)
    assert 'allow_restricted_peer_cidrs: ["192.0.2.7/32"]' in livekit
    assert "stun_servers: []" in livekit


def test_a_name_is_looked_up(tmp_path: Path) -> None:
    assert 'node_ip: "127.0.0.1"' in _livekit(tmp_path, RTCSTACK_LIVEKIT__NODE_IP="localhost")


def test_a_name_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="xxx leads to no address"):
        _livekit(tmp_path, RTCSTACK_LIVEKIT__NODE_IP=_NO_NAME)


def test_every_shared_secret_is_there_and_the_appliances_key_is_not(tmp_path: Path) -> None:
    settings = _settings(tmp_path / "data")
    folder = tmp_path / "parts"
    folder.mkdir()
    bundle.write(settings, folder, Path("/data"))
    for section, name in SECRETS:
        file = folder / f"{section}_{name}"
        assert file.exists() == (section != "sealing")
    assert settings.sealing.key.get_secret_value() not in "".join(f.read_text() for f in folder.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_stock_egress_finds_everything_and_keeps_what_it_cannot_upload(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    config = bundle.stock_egress(settings, Path("/srv/livekit-egress"))
    for line in (
        'ws_url: "ws://livekit:7880"',
        'address: "redis:6379"',
        'endpoint: "http://minio:9000"',
        'prefix: "/srv/livekit-egress/backup"',
        f'secret: "{settings.storage.secret_key.get_secret_value()}"',
    ):
        assert line in config, line


def test_the_command_writes_them_and_keeps_the_secrets_when_it_runs_again(tmp_path: Path) -> None:
    def run() -> dict[str, str]:
        argv: list[Any] = [sys.executable, "-m", "rtcstack", "configure", tmp_path / "parts"]
        options = ["--data", tmp_path / "data", "--egress-folder", tmp_path / "egress"]
        environ = {**outer_environment(), **_IN_COMPOSE}
        ran = subprocess.run([*argv, *options], env=environ, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return {file.name: file.read_text() for file in (tmp_path / "parts").iterdir()}

    (tmp_path / "parts").mkdir()
    (tmp_path / "egress").mkdir()
    first = run()
    assert len(first["redis_password"]) == 64
    assert run() == first
    assert (tmp_path / "egress" / "egress.yaml").stat().st_mode & 0o044
