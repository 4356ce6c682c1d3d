"""Copying into the folder that becomes a layer: only what runs, in the form in which it runs."""

import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

_LEFT_OUT_FOLDERS = {"__pycache__", "tests"}
_LEFT_OUT_ENDINGS = {".a", ".h", ".pyc", ".pyi", ".pyx", ".pxd"}
_DEEP = 100


def is_run(path: Path, left_out: Collection[str] = ()) -> bool:
    """Whether a file of a library is of use at run time; `left_out` names further folders."""
    folders = {*_LEFT_OUT_FOLDERS, *left_out}
    return path.suffix not in _LEFT_OUT_ENDINGS and folders.isdisjoint(path.parts)


def copy(source: Path, target: Path) -> None:
    """Copy one file, following links; executable stays executable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)


def copy_tree(source: Path, target: Path, left_out: Collection[str] = ()) -> None:
    """Copy every file of use below a folder."""
    for file in sorted(source.rglob("*")):
        if file.is_file() and is_run(relative := file.relative_to(source), left_out):
            copy(file, target / relative)


def compile_all(folder: Path) -> bool:
    """Compile every module, so that no process compiles at its start; return whether all were right.

    The result depends on the sources alone: no times, no paths of this machine, and in a process of its own with a fixed
    seed, since the order of sets and what else was interned would show in it.
    """
    how = ("--invalidation-mode", "unchecked-hash", "-s", str(folder), "-r", str(_DEEP), "-qq", str(folder))
    argv = [sys.executable, "-S", "-m", "compileall", *how]
    return subprocess.run(argv, env={"PYTHONHASHSEED": "0"}, check=False).returncode == 0  # noqa: S603 - our own
