"""The licences of what is carried: MinIO is under the AGPL, parts of libav under the GPL, the C library under the LGPL.

Those of the Python libraries lie beside them, in `packages/*.dist-info`.
"""

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.onefile.faults import CannotBuild
from deploy.onefile.folder import copy
from rtcstack.appliance.provision import go
from rtcstack.appliance.provision.versions import GoProgram

_DOCUMENTS = Path("/usr/share/doc")
_LICENCES = ("LICENSE*", "NOTICE*", "CREDITS*", "COPYING*")
_MODULE_PARTS = 3


def collect_go(program: GoProgram, target: Path, environ: Mapping[str, str]) -> None:
    """Copy what a Go module says of its licence; its sources are those of the version that `version` tells.

    Raises:
        CannotBuild: the module can no longer be had.
    """
    module = "/".join(program.package.split("/")[:_MODULE_PARTS])
    argv = [go.find_go(program, environ), "mod", "download", "-json", f"{module}@{program.version}"]
    ran = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - found on the PATH
    if ran.returncode:
        raise CannotBuild(f"The licence of {module} could not be had:\n{ran.stderr or ran.stdout}")
    folder = Path(json.loads(ran.stdout)["Dir"])
    for pattern in _LICENCES:
        for file in folder.glob(pattern):
            copy(file, target / program.name / file.name)


def _package_of(file: Path) -> str | None:
    """Return the system's package that a file came with; None where it is none, or dpkg is not what it knows."""
    # A package may name the file by the folder that is now a link into /usr.
    argv = ["dpkg-query", "--search", str(file), str(file).removeprefix("/usr")]
    try:
        asked = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 - the system's own
    except FileNotFoundError:
        return None
    return asked.stdout.partition(":")[0] or None


def collect_system(files: Iterable[Path], target: Path) -> None:
    """Copy the copyright files of the system's packages that these files came with."""
    packages = {package for file in files if (package := _package_of(file))}
    for package in sorted(packages):
        if (text := _DOCUMENTS / package / "copyright").is_file():
            copy(text, target / package / "copyright")
