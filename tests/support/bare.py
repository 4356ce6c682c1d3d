"""A bare Linux: a minimal Debian made by debootstrap, with processes of its own and a network that leads nowhere."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.environment import outer_environment

_SUITE = "bookworm"
_ENVIRONMENT = {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
_INSIDE = """
set -e
mount --make-rprivate /
mount -t proc proc "$0/proc"
mount -t tmpfs tmpfs "$0/tmp"
mount --rbind /dev "$0/dev"
ip link set lo up
if [ "$1" = card ]; then  # a network card whose cable leads back into the same machine
  ip link add eth0 type veth peer name cable
  ip address add 192.0.2.1/24 dev eth0
  ip link set eth0 up
  ip link set cable up
fi
echo ready
exec sleep infinity
"""


def _cache() -> Path:
    return Path(outer_environment().get("RTCSTACK_CACHE") or Path.home() / ".cache" / "rtcstack")


def _bootstrap(archive: Path) -> None:
    """Make the archive from the packages of the mirror that this machine uses; takes a minute."""
    assert shutil.which("debootstrap"), "debootstrap is missing; install the package `debootstrap`"
    sites = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", f"Codename: {_SUITE}"]
    mirror = subprocess.run(sites, capture_output=True, text=True, check=True).stdout.partition("\n")[0]
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        root, half = Path(folder) / "root", Path(folder) / archive.name
        subprocess.run(
            ["debootstrap", "--variant=minbase", _SUITE, root, mirror], check=True, stdout=sys.stderr
        )
        subprocess.run(["tar", "-C", root, "--exclude=./var/cache/apt/*", "-cf", half, "."], check=True)
        half.rename(archive)


def _archive() -> Path:
    """Return the minimal root's archive: the one that `deploy/images` made its base image of, or one of our own."""
    shared, own = _cache() / "images" / "base.tar", _cache() / "bare" / "root.tar"
    if not shared.is_file() and not own.is_file():
        _bootstrap(own)
    return shared if shared.is_file() else own


class Bare:
    """`run` runs commands in it, with no environment but home and path; `close` ends every process in it.

    It has a network card, but nothing on its cable and no route; with `card=False` it has `lo` alone.
    """

    def __init__(self, folder: Path, *, card: bool = True) -> None:
        assert shutil.which("ip"), "ip is missing; install the package `iproute2`"
        assert os.geteuid() == 0, "a root folder with a network of its own can be had by root alone"
        self.root = folder / "root"
        self.root.mkdir()
        subprocess.run(["tar", "-C", self.root, "-xf", _archive()], check=True)
        namespaces = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
        inside = ["sh", "-c", _INSIDE, str(self.root), "card" if card else ""]
        self._holder = subprocess.Popen([*namespaces, *inside], stdout=subprocess.PIPE)
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"ready\n"

    def run(self, *argv: str, timeout_s: float = 120) -> "subprocess.CompletedProcess[str]":
        return self._enter(["chroot", str(self.root), *argv], timeout_s)

    def run_outer(self, *argv: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of the outer machine in the inner network."""
        return self._enter([*argv], 60)

    def _enter(self, argv: list[str], timeout_s: float) -> "subprocess.CompletedProcess[str]":
        holder = self._holder.pid
        enter = ["nsenter", f"--target={holder}", "--mount", "--net", "--ipc", "--uts"]
        enter.append(f"--pid=/proc/{holder}/ns/pid_for_children")
        return subprocess.run(
            [*enter, *argv], env=_ENVIRONMENT, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def close(self) -> None:
        self._holder.kill()  # its child goes with it, and with that every process of the namespace
        self._holder.communicate()
        shutil.rmtree(self.root)
