import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rtcstack import __version__, one_file
from rtcstack.appliance.provision import provision
from rtcstack.cli.main import app
from rtcstack.settings import load

_ABOUT = {"platform": "linux-amd64", "python": "3.11.7", "livekit": "v1", "minio": "v2", "redis": "7.0"}


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be the one-file build, unpacked to a folder."""
    (tmp_path / "about.json").write_text(json.dumps(_ABOUT))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "rtcstack"))
    return tmp_path


@pytest.mark.usefixtures("carried")
@pytest.mark.parametrize("words", [["version"], ["--version"]])
def test_the_version_tells_what_is_carried(words: list[str]) -> None:
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0
    assert ran.output == (
        f"rtcstack {__version__}\n"
        "one file for linux-amd64, with Python 3.11.7, LiveKit v1, MinIO v2, Redis 7.0\n"
    )


def test_any_other_installation_carries_nothing() -> None:
    assert one_file.find_carried() is None
    assert CliRunner().invoke(app, ["version"]).output.startswith(f"rtcstack {__version__}\nwith Python 3.")


def test_nothing_is_built_that_is_carried(carried: Path) -> None:
    cache = carried / "cache"
    found = provision(load({"RTCSTACK_CACHE": str(cache)}), environ={})
    assert found.redis == carried / "bin" / "redis-server"
    assert found.livekit == carried / "bin" / "livekit-server"
    assert found.minio == carried / "bin" / "minio"
    assert not cache.exists()
