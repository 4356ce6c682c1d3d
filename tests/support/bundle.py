"""The compose bundle as a user brings it up, through testcontainers, on free ports and under a name of its own."""

import json
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
from testcontainers.compose import DockerCompose

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
_WAIT_S = 90
_GET = """To get both, as root on Debian:  deploy/engine && deploy/images    (docs/operations/compose.md)
To run all other tests:  scripts/test -m 'not compose'"""
_PORTS = ("API", "LIVEKIT", "S3", "CONSOLE", "RTC_TCP", "RTC_UDP")


def require() -> None:
    """Expect Docker, Compose and the images; the failure says how to get them."""
    assert _works("docker", "info") is not None, f"There is no Docker here, or it does not run.\n{_GET}"
    images = _works("docker", "compose", "config", "--images")
    assert images is not None, f"There is no Docker Compose here.\n{_GET}"
    for image in sorted(set(images.split())):
        assert _works("docker", "image", "inspect", image) is not None, (
            f"The image {image} is missing.\n{_GET}"
        )


def _works(*argv: str) -> str | None:
    """Return what the command prints, None if it cannot be run or fails."""
    if shutil.which(argv[0]) is None:
        return None
    ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, env=_environ())
    return ran.stdout if ran.returncode == 0 else None


class Bundle:
    """One project of the bundle. `settings` are what a user would write into `.env`."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.project = f"rtcstack-test-{uuid.uuid4().hex[:8]}"
        ports = {f"RTCSTACK_{name}_PORT": str(free_port()) for name in _PORTS}
        # Two bundles on one machine need two networks for their self-checks.
        net = f"10.213.{int(uuid.uuid4().hex[:2], 16) % 200 + 20}"
        self.settings = {**ports, "RTCSTACK_CHECK_NET": net, **settings}
        file = folder / f"{self.project}.env"
        lines = {"COMPOSE_PROJECT_NAME": self.project, **self.settings}
        file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
        self.compose = DockerCompose(ROOT, env_file=str(file))
        self.url = f"http://127.0.0.1:{self.settings['RTCSTACK_API_PORT']}"

    def up(self) -> None:
        """`docker compose up --wait`: back when everything is healthy."""
        self.run("up", "--detach", "--wait", timeout_s=180)

    def stop(self) -> None:
        self.run("stop", timeout_s=180)

    def down(self) -> None:
        """Remove it with its volumes."""
        self.run("down", "--volumes", "--remove-orphans", timeout_s=180)

    def run(self, *words: str, timeout_s: float = 120, given: str | None = None) -> str:
        """Run `docker compose WORDS…`, `given` on its input; return what it printed, fail with it if it fails."""
        argv = [*self.compose.docker_compose_command(), *words]
        ran = subprocess.run(
            argv,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
            env=_environ(),
            input=given,
        )
        assert ran.returncode == 0, f"{' '.join(words)} failed:\n{ran.stdout}\n{ran.stderr}\n{self._logs()}"
        return ran.stdout

    def _logs(self) -> str:
        argv = [*self.compose.docker_compose_command(), "logs", "--tail", "30", "--no-color"]
        return subprocess.run(
            argv, cwd=ROOT, capture_output=True, text=True, check=False, env=_environ()
        ).stdout

    def demo(self, *options: str, seconds: int = 4) -> dict[str, Any]:
        """Run the self-check as a user does; return what it found."""
        words = ("run", "--rm", "-T", *options, "api", "demo", "--json", "--seconds", str(seconds))
        outcome: dict[str, Any] = json.loads(self.run(*words))
        return outcome

    def key(self) -> str:
        made = self.run("exec", "-T", "api", "rtcstack", "keys", "create", "--tenant", "default", "--json")
        return str(json.loads(made)["key"])

    def in_data(self, script: str, given: str) -> None:
        """Run a shell script beside the stopped API, as its user, in its data folder."""
        words = ("run", "--rm", "-T", "--no-deps", "--entrypoint", "sh", "api")
        self.run(*words, "-euc", f"cd /var/lib/rtcstack; {script}", given=given)

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, headers={"authorization": f"Bearer {self.key()}"}, timeout=30, trust_env=False
        )

    def inspect(self, service: str) -> dict[str, Any]:
        """Return what Docker knows of the service's container."""
        container = self.run("ps", "--all", "--quiet", service).strip()
        shown = subprocess.run(
            ["docker", "inspect", container], capture_output=True, text=True, check=True
        ).stdout
        found: dict[str, Any] = json.loads(shown)[0]
        return found

    def crash(self, service: str) -> None:
        """Kill what runs in the container, as running out of memory would: Docker starts it again by itself."""
        before = self.inspect(service)
        os.kill(before["State"]["Pid"], signal.SIGKILL)
        until(
            f"{service} runs again",
            lambda: self.inspect(service)["State"]["StartedAt"] != before["State"]["StartedAt"],
        )

    def healthy(self, services: Sequence[str]) -> None:
        """Wait until Docker calls them healthy."""
        for service in services:
            until(
                f"{service} is healthy",
                lambda one=service: self.inspect(one)["State"]["Health"]["Status"] == "healthy",
            )


def _environ() -> dict[str, str]:
    """Nothing of a developer's own settings reaches the bundle."""
    mine = dict(os.environ)  # noqa: TID251 - docker needs the rest of it
    return {k: v for k, v in mine.items() if not k.startswith(("RTCSTACK_", "MINIO_", "COMPOSE_"))}


def until(what: str, holds: Callable[[], bool], wait_s: float = _WAIT_S) -> None:
    """Wait until it holds; fail with `what` did not come true."""
    deadline = time.monotonic() + wait_s
    while not holds():
        assert time.monotonic() < deadline, f"not true within {wait_s:.0f} s: {what}"
        time.sleep(0.2)
