"""The one file on a bare Linux: no Python, no Go, no Redis, no network; then a newer file in its place."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.bare import Bare
from tests.support.environment import outer_environment

pytestmark = [pytest.mark.appliance, pytest.mark.alone]
_FILE = "/opt/rtcstack"
_DATA = ("--data", "/srv/rtcstack")
_GET = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Authorization": f"Bearer {sys.argv[2]}"})
sys.stdout.write(urllib.request.urlopen(request, timeout=30).read().decode("latin-1"))
"""
_BUILD_TIMEOUT_S = 1800


def _build(version: str, folder: Path) -> Path:
    argv = [sys.executable, "-m", "deploy.onefile", "--version", version, "--out", str(folder)]
    subprocess.run(argv, env=outer_environment(), check=True, timeout=_BUILD_TIMEOUT_S)
    (built,) = folder.glob(f"rtcstack-{version}-linux-*")
    return built


class Machine:
    """The bare Linux with one file on it."""

    def __init__(self, bare: Bare) -> None:
        self.bare = bare

    def put(self, file: Path) -> None:
        """Put the file in place of the one that is there, as an update does."""
        new = self.bare.root / f"{_FILE}.new".lstrip("/")
        shutil.copy(file, new)
        new.rename(self.bare.root / _FILE.lstrip("/"))

    def rtcstack(self, *words: str) -> str:
        ran = self.bare.run(_FILE, *words, *_DATA)
        assert ran.returncode == 0, f"{' '.join(words)}:\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout + ran.stderr

    def version(self) -> str:
        return self.bare.run(_FILE, "--version").stdout

    def parts(self) -> dict[str, str]:
        shown = json.loads(self.rtcstack("status", "--json"))
        return {part["name"]: part["state"] for part in shown["parts"]}

    def get(self, url: str, key: str) -> str:
        ran = self.bare.run_outer(sys.executable, "-c", _GET, url, key)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def recordings(self, key: str) -> list[dict[str, Any]]:
        listed = json.loads(self.get("http://127.0.0.1:8080/api/v1/recordings", key))
        return list(listed["data"])


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    bare = Bare(tmp_path)
    try:
        yield Machine(bare)
    finally:
        bare.close()


def test_it_runs_on_a_bare_linux_and_is_replaced_by_a_newer_one(machine: Machine, tmp_path: Path) -> None:
    for program in ("python3", "go", "redis-server", "ffmpeg", "curl"):
        assert machine.bare.run("sh", "-c", f"command -v {program}").returncode == 127
    assert machine.bare.run_outer("ip", "route", "get", "203.0.113.1").returncode != 0
    machine.put(_build("1.0.0", tmp_path))
    first = machine.rtcstack("up", "--detach")
    assert "Unpacking rtcstack 1.0.0" in first
    assert "egress_ended received, signature verified" in first
    assert "failed" not in first
    assert set(machine.parts().values()) == {"healthy"}
    assert machine.version().startswith("rtcstack 1.0.0\none file for linux-")
    key = json.loads(machine.rtcstack("keys", "create", "--json"))["key"]
    before = machine.recordings(key)
    assert [one["status"] for one in before] == ["ready"]

    machine.put(_build("2.0.0", tmp_path))  # while the old one runs
    assert machine.version().startswith("rtcstack 2.0.0\n")
    assert set(machine.parts().values()) == {"healthy"}
    machine.rtcstack("demo", "--seconds", "3")  # the old one still starts children: from its own folder
    machine.rtcstack("down")
    second = machine.rtcstack("up", "--detach")
    assert "Self-check" not in second
    assert set(machine.parts().values()) == {"healthy"}
    after = machine.recordings(key)
    assert len(after) == 2
    assert before[0] in after
    machine.rtcstack("down")
    assert machine.bare.run("sh", "-c", "ls ~/.cache/rtcstack/one-file").stdout.startswith("1.0.0-")
