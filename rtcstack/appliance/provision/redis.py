"""Finds Redis, or gets it from the system's packages.

Debian's and Ubuntu's package `redis-tools` holds the server as well: `redis-check-rdb` is the same binary, which looks
at the name it was called by. It brings no system service, so nothing starts now or at the next boot.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from rtcstack.appliance.provision.missing import Missing
from rtcstack.appliance.provision.progress import Progress, Step

_NAMES = ("redis-server", "valkey-server")
_SAME_BINARY = "redis-check-rdb"
_PURPOSE = "as the bus between LiveKit and the Egress worker"
_COMMAND = "sudo apt-get install -y redis-server    (or your system's package of Redis or Valkey)"


def _answers(program: Path, environ: Mapping[str, str]) -> bool:
    asked = subprocess.run(  # noqa: S603 - ours, or found on the PATH
        [str(program), "--version"], env=environ, capture_output=True, text=True, check=False, timeout=10
    )
    return asked.returncode == 0 and "server v=" in asked.stdout


def _linked(cache: Path, environ: Mapping[str, str]) -> Path | None:
    """Give the tools' binary the server's name, in the cache."""
    binary = shutil.which(_SAME_BINARY, path=environ.get("PATH", ""))
    if binary is None:
        return None
    link = cache / "parts" / "redis-server" / "system" / "redis-server"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(binary)
    return link if _answers(link, environ) else None


def find(cache: Path, environ: Mapping[str, str]) -> Path | None:
    """Return `redis-server` or `valkey-server` from the PATH, else the tools' binary under the server's name."""
    for name in _NAMES:
        if program := shutil.which(name, path=environ.get("PATH", "")):
            return Path(program)
    return _linked(cache, environ)


def _apt(apt: str, environ: Mapping[str, str], step: Step, *words: str) -> str:
    """Run apt-get; return the last line of its complaint, empty when it went well."""
    step.tick(f"apt-get {words[0]}")
    ran = subprocess.run(  # noqa: S603 - found on the PATH
        [apt, "-q", "-y", *words],
        env={**environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    complaint = (ran.stderr.strip() or ran.stdout.strip() or "it gave no reason").splitlines()[-1]
    return complaint if ran.returncode else ""


def _install(apt: str, cache: Path, environ: Mapping[str, str], progress: Progress) -> Path:
    install = ("install", "--no-install-recommends", "redis-tools")
    with progress.step("installing Redis from the system's packages") as step:
        complaint = _apt(apt, environ, step, *install)
        if complaint:
            complaint = _apt(apt, environ, step, "update") or _apt(apt, environ, step, *install)
        if found := find(cache, environ):
            return found
        refused = f"apt-get could not install it: {complaint}"
        raise _missing(refused if complaint else "The installed package has no server.")


def _missing(reason: str) -> Missing:
    return Missing("redis-server (or valkey-server)", _PURPOSE, _COMMAND, reason)


def provide(
    cache: Path, environ: Mapping[str, str], progress: Progress, *, user_id: int | None = None
) -> Path:
    """Return the server's program; as root on a system with apt-get it is installed when missing.

    Raises:
        Missing: there is none, and we may not or could not install it.
    """
    if found := find(cache, environ):
        return found
    apt = shutil.which("apt-get", path=environ.get("PATH", ""))
    if apt is None or (os.geteuid() if user_id is None else user_id):
        raise _missing("There is no apt-get here." if apt is None else "Only root can install it.")
    return _install(apt, cache, environ, progress)
