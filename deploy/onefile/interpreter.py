"""The interpreter that runs the build, with its standard library."""

import sys
import sysconfig
from pathlib import Path

from deploy.onefile.folder import copy, copy_tree

_LEFT_OUT = {
    *("site-packages", "dist-packages", "ensurepip", "venv"),  # nothing is installed into the one file
    *("test", "idlelib", "lib2to3", "pydoc_data", "tkinter", "turtledemo"),
}
_UNUSED_MODULES = ("_tkinter", "nis")
"""Compiled ones that would bring libraries which nothing here uses: windows, and Sun's directory with Kerberos."""


def find() -> Path:
    """Return the interpreter's own file; the virtual environment only links to it."""
    base = sys._base_executable  # type: ignore[attr-defined]  # noqa: SLF001 - as venv does; typeshed leaves it out
    return Path(base).resolve()


def collect(target: Path) -> None:
    """Lay interpreter and standard library out as an installation is: that is how it finds its library."""
    copy(find(), target / "bin" / "python3")
    library = Path(sysconfig.get_path("stdlib"))
    for_embedding = Path(sysconfig.get_config_var("LIBPL")).name
    copy_tree(library, target / "lib" / library.name, {*_LEFT_OUT, for_embedding})
    for name in _UNUSED_MODULES:
        for module in (target / "lib" / library.name / "lib-dynload").glob(f"{name}.*"):
            module.unlink()
