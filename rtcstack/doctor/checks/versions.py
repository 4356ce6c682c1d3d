"""Versions: Python and its packages, SQLite, and the programs that are not ours."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from rtcstack import __version__, one_file
from rtcstack.appliance.provision import cache_folder, go, redis
from rtcstack.appliance.provision.missing import Missing
from rtcstack.appliance.provision.versions import LIVEKIT, MINIO
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene

_PYTHON = ((3, 11), (3, 13))
_SQLITE = (3, 37)
"""STRICT tables and RETURNING."""
_REDIS = (6, 0)
_PAGE = "docs/operations/native.md#what-it-needs"
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?([^;]*)(;.*)?$")
_BOUND = re.compile(r"(>=|<=|==|<|>)\s*([0-9.]+)")


@dataclass(frozen=True)
class Versions:
    python: tuple[int, int]
    sqlite: tuple[int, ...]
    unfit: tuple[str, ...] = ()
    """Packages that are missing, or of another version than rtcstack asks for."""
    carried: str = ""
    """What the one-file build carries; the rest is of no interest then."""
    programs: Mapping[str, str] = field(default_factory=dict)
    """The version of each program that is there."""
    missing: tuple[Missing, ...] = ()
    to_build: tuple[str, ...] = ()


async def look(scene: Scene) -> Versions:
    found = (sys.version_info.major, sys.version_info.minor)
    if carried := one_file.find_carried():
        return Versions(found, sqlite3.sqlite_version_info, carried=one_file.describe(carried))
    unfit = tuple(_unfit())
    if scene.is_apart:  # the programs are other images'
        return Versions(found, sqlite3.sqlite_version_info, unfit)
    programs, missing, to_build = _programs(scene)
    return Versions(found, sqlite3.sqlite_version_info, unfit, "", programs, tuple(missing), tuple(to_build))


def _programs(scene: Scene) -> tuple[dict[str, str], list[Missing], list[str]]:
    cache, environ = cache_folder(scene.settings), scene.environ
    programs, missing, to_build = {}, [], []
    for program in (LIVEKIT, MINIO):
        if go.find(program, cache, environ):
            programs[program.name] = program.version
        else:
            to_build.append(program.name)
    try:
        go.require((LIVEKIT, MINIO), cache, environ)
    except Missing as e:
        missing.append(e)
    server = redis.find(cache, environ)
    if server:
        programs["redis-server"] = _told(server, environ)
    return programs, missing, [*to_build, *([] if server else ["redis-server"])]


def _told(server: Path, environ: Mapping[str, str]) -> str:
    asked = subprocess.run(  # noqa: S603 - found on the PATH
        [str(server), "--version"], env=environ, capture_output=True, text=True, check=False, timeout=10
    )
    found = re.search(r"v=([0-9.]+)", asked.stdout)
    return found[1] if found else "unknown"


def _unfit() -> Iterator[str]:
    """Yield each requirement of ours that the installed packages do not meet."""
    try:
        required = metadata.requires("rtcstack") or []
    except metadata.PackageNotFoundError:
        return
    for text in required:
        match = _REQUIREMENT.match(text)
        if match is None or match[3]:  # an extra's
            continue
        try:
            installed = metadata.version(match[1])
        except metadata.PackageNotFoundError:
            yield f"{match[1]} is missing"
            continue
        if not all(_meets(installed, how, bound) for how, bound in _BOUND.findall(match[2])):
            yield f"{match[1]} is {installed}, rtcstack needs {match[2].strip()}"


def _meets(installed: str, how: str, bound: str) -> bool:
    have, want = numbers(installed), numbers(bound)
    size = max(len(have), len(want))
    have, want = (*have, *[0] * (size - len(have))), (*want, *[0] * (size - len(want)))
    return {">=": have >= want, "<=": have <= want, "==": have == want, "<": have < want, ">": have > want}[
        how
    ]


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:4])


def own(scene: Scene, versions: Versions) -> Iterator[Verdict]:
    python, sqlite = (".".join(map(str, version)) for version in (versions.python, versions.sqlite))
    verdicts = []
    if not _PYTHON[0] <= versions.python <= _PYTHON[1]:
        verdicts.append(f"Python is {python}, 3.11 to 3.13 are supported")
    if versions.sqlite < _SQLITE:
        verdicts.append(f"SQLite is {sqlite}, 3.37 or later is needed")
    for text in (*verdicts, *versions.unfit):
        yield wrong(
            text,
            cause="the environment was changed by hand, or the system was upgraded under it",
            cure="Build the image anew:\n  deploy/images"
            if scene.is_apart
            else "Make it anew from the lock file:\n  rm -rf .venv && scripts/up",
            page=_PAGE,
        )
    if not verdicts and not versions.unfit:
        yield fine(
            versions.carried
            or f"rtcstack {__version__}, Python {python}, SQLite {sqlite}, all packages as required"
        )


def programs(scene: Scene, versions: Versions) -> Iterator[Verdict]:
    if versions.carried or scene.is_apart:
        return
    for one in versions.missing:
        what, _, get = str(one).partition("To get it:")
        command, _, remark = get.strip().partition("    ")  # words behind it would be copied with it
        yield wrong(
            " ".join(what.split()),
            cause="it is not installed, or too old",
            cure=f"Get it{f' {remark.strip()}' if remark else ''}:\n  {command}",
            page=_PAGE,
        )
    version = versions.programs.get("redis-server", "")
    if version and numbers(version) < _REDIS:
        yield doubtful(
            f"redis-server is {version}, 6.0 or later is expected",
            cause="the system's package is old",
            cure="Install a newer Redis, or Valkey, and put it first on the PATH.",
            page=_PAGE,
        )
    elif not versions.missing:
        there = ", ".join(f"{name} {version}" for name, version in versions.programs.items())
        later = f"; got at the next start: {', '.join(versions.to_build)}" if versions.to_build else ""
        yield fine((there or "no program is there yet") + later)


FAMILY = Family("versions", look, {"own": own, "programs": programs})
