"""The libraries that the product depends on, as they are installed here, and the product itself from its wheel."""

import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable
from importlib import metadata
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.onefile.faults import CannotBuild
from deploy.onefile.folder import compile_all, copy, is_run

_PRODUCT = "rtcstack"
_VERSION = re.compile(r"^__version__ = .*$", re.MULTILINE)


def _own_requirements(checkout: Path) -> list[Requirement]:
    """Return what pyproject.toml asks for, with every extra: nothing can be installed into the one file later."""
    with (checkout / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project.get("optional-dependencies", {})
    return [Requirement(text) for text in (*project["dependencies"], *chain(*extras.values()))]


def _requirements(name: str, extras: Iterable[str]) -> list[Requirement]:
    all_of_it = [Requirement(text) for text in metadata.distribution(name).requires or ()]
    return [
        one
        for one in all_of_it
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras)
    ]


def closure(checkout: Path) -> list[metadata.Distribution]:
    """Return the installed distributions that the product needs, by name.

    Raises:
        CannotBuild: one is not installed.
    """
    found: dict[str, set[str]] = {}
    waiting = _own_requirements(checkout)
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        new = {"", *wanted.extras} - found.setdefault(name, set())
        if new:
            found[name] |= new
            try:
                waiting += _requirements(name, found[name])
            except metadata.PackageNotFoundError as e:
                raise CannotBuild(
                    f"{name} is not installed in .venv; is requirements-dev.lock up to date?"
                ) from e
    return [metadata.distribution(name) for name in sorted(found)]


def collect(distributions: Iterable[metadata.Distribution], target: Path) -> None:
    """Copy what was installed of each, commands and tests left out."""
    for one in distributions:
        for file in one.files or ():
            if file.parts[0] != ".." and is_run(Path(file)):
                copy(Path(str(one.locate_file(file))), target / file)
            if file.match("*.dist-info/RECORD"):
                (target / file).write_text(record(one), encoding="utf-8")
    compile_all(target)


def record(distribution: metadata.Distribution) -> str:
    """Return the installer's list of files and checksums without the commands: each of those names the `.venv` it is in."""
    lines = (distribution.read_text("RECORD") or "").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("../"))


def collect_product(checkout: Path, target: Path, version: str) -> None:
    """Unpack the wheel that the checkout makes; `version` stands in it in place of the checkout's own.

    Raises:
        CannotBuild: there is no wheel, or a module of it is not right.
    """
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        ran = subprocess.run(argv, cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        if ran.returncode:
            raise CannotBuild(f"The wheel could not be made:\n{ran.stderr}")
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target)
    module = target / _PRODUCT / "__init__.py"
    text = _VERSION.sub(f'__version__ = "{version}"', module.read_text(encoding="utf-8"))
    module.write_text(text, encoding="utf-8")
    if not compile_all(target):
        raise CannotBuild("A module of rtcstack does not compile; scripts/lint says which.")
