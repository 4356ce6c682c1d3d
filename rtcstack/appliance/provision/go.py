"""Builds the Go programs, once, into the cache: `{cache}/parts/{name}/{version}/{name}`.

A build happens in a folder of its own that is renamed when it is complete, so an interrupted one leaves nothing that
could be taken for a program. A lock keeps two builds of the same program apart; what lies half-built while we hold it
is dead and is removed.
"""

import fcntl
import os
import platform
import re
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rtcstack.appliance.faults import CannotStart
from rtcstack.appliance.provision.missing import Missing
from rtcstack.appliance.provision.progress import Progress, Step
from rtcstack.appliance.provision.versions import GoProgram

OLDEST_GO = (1, 21)
"""The first that fetches the toolchain a module asks for (GOTOOLCHAIN)."""
_USUAL_PLACES = (Path("/usr/local/go/bin/go"),)
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_UNFINISHED = ".unfinished-"
_WAIT_S = 0.5
_FLAGS = ("-trimpath", "-ldflags=-s -w")
"""With CGO_ENABLED=0: no C library and no paths of this machine, so that images and the one file carry the same bytes."""


class BuildFailed(CannotStart):
    """The compiler refused; the message names the log and its last line."""


def _get_go() -> str:
    arch = _ARCHITECTURES.get(platform.machine(), platform.machine())
    return f"curl -fsSL https://go.dev/dl/go1.26.0.linux-{arch}.tar.gz | sudo tar -C /usr/local -xz"


def find_go(
    program: GoProgram, environ: Mapping[str, str], usual_places: Iterable[Path] = _USUAL_PLACES
) -> str:
    """Return the Go to build with, from the PATH or from where its own installation puts it.

    Raises:
        Missing: there is none, or only one that is too old.
    """
    purpose = f"to build {program.name} {program.version}, which is needed {program.purpose}"
    usual = (str(place) for place in usual_places if place.is_file())
    go = shutil.which("go", path=environ.get("PATH", "")) or next(usual, None)
    if go is None:
        raise Missing("Go 1.21 or later", purpose, _get_go())
    # GOTOOLCHAIN=local: the question must not download anything.
    asked = subprocess.run(  # noqa: S603 - found on the PATH
        [go, "env", "GOVERSION"],
        env={**environ, "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.match(r"go(\d+)\.(\d+)", asked.stdout)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_GO:
        version = asked.stdout.strip() or asked.stderr.strip() or "an unknown version"
        raise Missing("Go 1.21 or later", purpose, _get_go(), f"{go} is {version}.")
    return go


@contextmanager
def _alone(folder: Path, step: Step) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                step.tick("another build of it is running")
                time.sleep(_WAIT_S)
        yield


def _lines(process: subprocess.Popen[bytes], step: Step, note: str) -> Iterator[str]:
    """Yield what the compiler says, line by line, and tick meanwhile."""
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stderr, selectors.EVENT_READ)
        while True:
            step.tick(note)
            if not selector.select(_WAIT_S):
                continue
            chunk = process.stderr.read(65536)
            if not chunk:
                if rest:
                    yield rest.decode(errors="replace")
                return
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                note = line.decode(errors="replace")
                yield note


def _run(argv: list[str], environ: Mapping[str, str], log: Path, step: Step) -> None:
    last = "it said nothing"
    with subprocess.Popen(argv, env=environ, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - as found
        try:
            with log.open("w", encoding="utf-8") as out:
                for last in _lines(process, step, "compiling, this takes a few minutes"):
                    print(last, file=out)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise BuildFailed(f"{' '.join(argv)} failed: {last}\n  The whole log: {log}")


def _install(program: GoProgram, go: str, environ: Mapping[str, str], folder: Path, step: Step) -> None:
    for dead in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(dead)
    place = Path(tempfile.mkdtemp(dir=folder, prefix=_UNFINISHED))
    try:
        place.chmod(0o755)
        argv = [go, "install", "-v", *_FLAGS, f"{program.package}@{program.version}"]
        _run(
            argv,
            {**environ, "GOTOOLCHAIN": "auto", "CGO_ENABLED": "0", "GOBIN": str(place)},
            folder / f"{program.version}.log",
            step,
        )
        (place / program.built_as).rename(place / program.name)
        place.rename(folder / program.version)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def is_exact(program: GoProgram, binary: str, environ: Mapping[str, str]) -> bool:
    """Whether a program found on the PATH is the pinned version."""
    asked = subprocess.run(  # noqa: S603 - found on the PATH
        [binary, "--version"], env=environ, capture_output=True, text=True, check=False, timeout=10
    )
    return program.mark in asked.stdout


def find(program: GoProgram, cache: Path, environ: Mapping[str, str]) -> Path | None:
    """Return the program from the cache, or from the PATH when it is exactly the pinned version."""
    built = _built(program, cache)
    if built.is_file():
        return built
    on_path = shutil.which(program.name, path=environ.get("PATH", ""))
    return Path(on_path) if on_path and is_exact(program, on_path, environ) else None


def _built(program: GoProgram, cache: Path) -> Path:
    return cache / "parts" / program.name / program.version / program.name


def require(programs: Iterable[GoProgram], cache: Path, environ: Mapping[str, str]) -> None:
    """Expect each of the programs to be there or a Go to build it with.

    Raises:
        Missing: there is no Go and it is needed.
    """
    for program in programs:
        if find(program, cache, environ) is None:
            find_go(program, environ)
            return


def provide(program: GoProgram, cache: Path, environ: Mapping[str, str], progress: Progress) -> Path:
    """Return the program, from the cache, from the PATH when it is exactly the pinned version, or built now.

    Raises:
        Missing: it has to be built and there is no Go.
        BuildFailed: the build was refused.
    """
    if found := find(program, cache, environ):
        return found
    go = find_go(program, environ)
    built = _built(program, cache)
    folder = built.parent.parent
    with progress.step(f"building {program.name} {program.version}") as step, _alone(folder, step):
        if not built.is_file():
            _install(program, go, environ, folder, step)
    return built
