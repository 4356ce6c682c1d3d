"""The programs that are not Python: LiveKit, MinIO and the launcher from their Go modules, Redis from the system."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.onefile.faults import CannotBuild
from deploy.onefile.folder import copy
from deploy.onefile.libraries import is_static
from rtcstack.appliance.provision import go, redis
from rtcstack.appliance.provision.progress import Progress
from rtcstack.appliance.provision.versions import LIVEKIT, MINIO

LAUNCHER = "rtcstack"
REDIS = "redis-server"
_SOURCES = Path(__file__).parent / "launcher"
_STATIC = {"CGO_ENABLED": "0", "GOFLAGS": "-trimpath -buildvcs=false '-ldflags=-s -w -buildid='"}
"""No C library, no paths of this machine, no tables for a debugger: the same bytes wherever it is built."""


def provide_go(cache: Path, own: Path, environ: Mapping[str, str], progress: Progress) -> list[Path]:
    """Return LiveKit and MinIO without a C library: those of the appliance's cache, else built into the folder `own`.

    Raises:
        Missing: there is no Go to build them with.
        BuildFailed: the compiler refused.
    """
    found = {program: go.find(program, cache, {"PATH": ""}) for program in (LIVEKIT, MINIO)}
    return [
        built
        if built and is_static(built)
        else go.provide(program, own, {**environ, "PATH": _path(environ)}, progress)
        for program, built in found.items()
    ]


def _path(environ: Mapping[str, str]) -> str:
    """Return where Go is, and nothing else: a LiveKit on the PATH may be linked to this system's C library."""
    return str(Path(go.find_go(LIVEKIT, environ)).parent)


def build_launcher(target: Path, package: str, environ: Mapping[str, str]) -> None:
    """Build the launcher, or another package of its module; their dependencies are pinned by hash in go.sum.

    Raises:
        Missing: there is no Go to build it with.
        CannotBuild: the compiler refused.
    """
    argv = [go.find_go(LIVEKIT, environ), "build", "-o", str(target), package]
    ran = subprocess.run(  # noqa: S603 - found on the PATH
        argv, cwd=_SOURCES, env={**environ, **_STATIC}, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise CannotBuild(f"{target.name} could not be built:\n{ran.stderr}")


def find_redis(cache: Path, environ: Mapping[str, str], progress: Progress) -> Path:
    """Return this system's Redis.

    Raises:
        Missing: there is none, and it could not be installed.
    """
    return redis.provide(cache, environ, progress)


def redis_version(program: Path) -> str:
    shown = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - as found
    found = re.search(r"v=(\S+)", shown)
    return found[1] if found else "of an unknown version"


def collect_go(programs: list[Path], target: Path) -> None:
    for program in programs:
        copy(program, target / program.name)


def collect_redis(program: Path, folder: Path) -> None:
    """Lay it out as what the launcher runs under its name: the appliance starts it as it starts any other program."""
    copy(program, folder / "libexec" / REDIS)
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / REDIS).symlink_to(f"../{LAUNCHER}")
