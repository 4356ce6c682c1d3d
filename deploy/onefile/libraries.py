"""The C library, its loader, and every other library of the system that a carried file is linked to.

So the one file needs nothing of the host but its kernel: no C library of a certain age, none at all.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.onefile.faults import CannotBuild
from deploy.onefile.folder import copy

_ELF = b"\x7fELF"
_LINE = re.compile(r"^\s*(?P<name>\S+) => (?P<path>/\S+)", re.MULTILINE)
_LACKING = "error while loading shared libraries"


def find_loader(program: Path) -> Path:
    """Return the loader that a program of this system names."""
    shown = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607 - on the PATH
    found = re.search(r"^\s*(/\S*/ld-linux\S*)", shown, re.MULTILINE)
    if found is None:
        raise CannotBuild(f"{program} is not linked to the GNU C library: the one file is built with it.")
    return Path(found[1])


def is_static(program: Path) -> bool:
    """Whether a program runs without a loader and without libraries."""
    return subprocess.run(["ldd", str(program)], capture_output=True, check=False).returncode != 0  # noqa: S603, S607 - on the PATH


def _elf_files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as opened:
                if opened.read(len(_ELF)) == _ELF:
                    yield file


def linked(loader: Path, file: Path) -> dict[str, Path]:
    """Return the libraries that the loader finds for a file, by the names it asks for; empty for a static one.

    Raises:
        CannotBuild: one of them is not there.
    """
    argv = [str(loader), "--list", str(file)]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 - the system's own
    if _LACKING in ran.stderr:
        raise CannotBuild(f"This system does not have what a carried file is linked to: {ran.stderr.strip()}")
    return {match["name"]: Path(match["path"]) for match in _LINE.finditer(ran.stdout)}


def collect(loader: Path, folder: Path, target: Path) -> list[Path]:
    """Copy to `target` all that the files below `folder` are linked to and that does not lie below it itself.

    Returns what it copied.

    Raises:
        CannotBuild: a library is not there, or two different ones go by one name.
    """
    chosen: dict[str, Path] = {}
    for file in _elf_files(folder):
        for name, path in linked(loader, file).items():
            if path.is_relative_to(folder):
                continue
            if chosen.setdefault(name, path.resolve()) != path.resolve():
                raise CannotBuild(f"{file} needs another {name} than the rest: {path}, not {chosen[name]}.")
    for name, path in chosen.items():
        copy(path, target / name)
    return sorted(chosen.values())


def install_loader(loader: Path, target: Path, programs: tuple[str, ...]) -> None:
    """Copy the loader once for each program, under its name: the system shows a process by the file it started."""
    for name in programs:
        copy(loader.resolve(), target / name)
        (target / name).chmod(0o755)
