"""Everything that is missing is told at once."""

import io
from pathlib import Path

import pytest

from rtcstack.appliance.provision import provision
from rtcstack.appliance.provision.missing import SeveralMissing
from rtcstack.appliance.provision.progress import Progress
from rtcstack.settings import load
from tests.support.scripts import put_script


def _message(bin_folder: Path, tmp_path: Path) -> str:
    settings = load({"RTCSTACK_CACHE": str(tmp_path / "cache")}, data=tmp_path / "data")
    with pytest.raises(SeveralMissing) as raised:
        provision(settings, {"PATH": str(bin_folder)}, Progress(io.StringIO()))
    return str(raised.value)


def test_go_and_redis_are_both_named(tmp_path: Path) -> None:
    # An old Go on the PATH goes before one that this machine may have in its usual place.
    put_script(tmp_path / "bin", "go", "echo go1.19.8")
    message = _message(tmp_path / "bin", tmp_path)
    assert message.count("is missing. It is needed") == 2
    assert "Go 1.21 or later is missing. It is needed to build livekit-server" in message
    assert "redis-server (or valkey-server) is missing. It is needed as the bus" in message
    assert message.count("To get it:  ") == 2


def test_one_alone_is_named_alone(tmp_path: Path) -> None:
    put_script(tmp_path / "bin", "go", "echo go1.24.0")
    assert _message(tmp_path / "bin", tmp_path).count("is missing. It is needed") == 1


def test_no_go_is_needed_for_what_is_there(tmp_path: Path) -> None:
    for name, says in (
        ("livekit-server", "livekit-server version 1.13.5"),
        ("minio", "commit-id=7aac2a2c5b7c"),
    ):
        put_script(tmp_path / "bin", name, f"echo '{says}'")
    assert "Go" not in _message(tmp_path / "bin", tmp_path)
