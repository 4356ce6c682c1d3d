"""The whole appliance, by the command a user gives, on free ports and a data folder of its own."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rtcstack.appliance import marker, stopping
from rtcstack.appliance.folder import DataFolder
from rtcstack.settings import Settings, load
from tests.support.environment import free_environment
from tests.support.standstill import standing_still

_COMMAND_TIMEOUT_S = 240
_RULE = stopping.StopRule(kill_after_s=5)


class Appliance:
    """One data folder and its appliance; `start` and `stop` may be called again and again."""

    def __init__(self, data: Path, environ: dict[str, str]) -> None:
        self.data, self.environ = data, environ
        self.folder = DataFolder(data)

    @property
    def settings(self) -> Settings:
        """The settings, with the secrets that the first start made."""
        return load(self.environ, data=self.data)

    @property
    def url(self) -> str:
        return self.settings.api.url

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "rtcstack", *words, "--data", str(self.data)]

    def command(self, *words: str, timeout_s: float = _COMMAND_TIMEOUT_S) -> subprocess.CompletedProcess[str]:
        """Run `rtcstack WORDS… --data DIR` to its end."""
        argv = self.argv(*words)
        return subprocess.run(
            argv, env=self.environ, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def start(self) -> str:
        """Bring it up and return what was printed; fails with that, and with the logs' ends, when it does not."""
        ran = self.command("up", "--detach", "--no-selfcheck")
        assert ran.returncode == 0, f"rtcstack up failed:\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def stop(self) -> None:
        ran = self.command("down")
        assert ran.returncode == 0, f"rtcstack down failed:\n{ran.stdout}\n{ran.stderr}"

    def status(self) -> dict[str, Any]:
        """Return what `rtcstack status --json` prints."""
        shown: dict[str, Any] = json.loads(self.command("status", "--json").stdout)
        return shown

    def part(self, name: str) -> dict[str, Any]:
        return next(part for part in self.status()["parts"] if part["name"] == name)

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """Let the part stand still for a moment, so that what needs it cannot be done already."""
        with standing_still(self.part(name)["pid"]):
            yield

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Call the API; return status and body."""
        headers = {"Authorization": f"Bearer {self.api_key}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as e:
            with e:
                return e.code, json.loads(e.read())

    def create_key(self) -> str:
        """Make another API key of the tenant `default`."""
        ran = self.command("keys", "create", "--tenant", "default", "--json")
        assert ran.returncode == 0, ran.stderr
        return str(json.loads(ran.stdout)["key"])

    @property
    def api_key(self) -> str:
        """An API key of the tenant `default`; the same one at every call."""
        if not hasattr(self, "_api_key"):
            self._api_key = self.create_key()
        return self._api_key

    def processes(self) -> set[str]:
        """Return the names of the parts that have a living process."""
        return stopping.running(self.data)

    def remove(self) -> None:
        """End whatever is left, also after a failed test."""
        hurry = threading.Event()
        hurry.set()
        self.command("down", timeout_s=60)
        for name in stopping.running(self.data):
            stopping.stop_part(self.data, name, _RULE, hurry)
        assert not marker.processes(self.data)


@contextmanager
def running_appliance(data: Path) -> Iterator[Appliance]:
    """An appliance whose empty rooms close after two seconds."""
    made = Appliance(data, {**free_environment(), "RTCSTACK_ROOMS__EMPTY_GRACE_S": "2"})
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def appliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """One running appliance for the whole session: leave it as you found it."""
    with running_appliance(tmp_path_factory.mktemp("appliance")) as made:
        yield made


@pytest.fixture
def new_appliance(tmp_path: Path) -> Iterator[Callable[..., Appliance]]:
    """Make an appliance of one's own, not started yet, to break it: `new_appliance(**environment)`."""
    made: list[Appliance] = []

    def make(**environ: str) -> Appliance:
        data = tmp_path / f"data-{len(made)}"
        made.append(Appliance(data, {**free_environment(), **environ}))
        return made[-1]

    yield make
    for one in made:
        one.remove()
