"""axe-core, which finds what people with a screen reader or a keyboard cannot use; `package-lock.json` here pins it."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_PINNED = ("package.json", "package-lock.json")
_TO_GET_IT = "sudo apt-get install -y --no-install-recommends npm"


def _folder() -> Path:
    cache_folder = os.environ.get("RTCSTACK_CACHE")  # noqa: TID251 - where scripts/web keeps what it got, too
    stamp = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _PINNED)).hexdigest()[:16]
    return Path(cache_folder or Path.home() / ".cache" / "rtcstack") / "web" / f"axe-{stamp}"


def _get(folder: Path) -> None:
    """Ask npm once; fails with what is missing."""
    if shutil.which("npm") is None:
        pytest.fail(f"npm is missing. To get it:  {_TO_GET_IT}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        for name in _PINNED:
            shutil.copy(_HERE / name, work)
        argv = ["npm", "ci", "--prefix", work, "--ignore-scripts", "--no-audit", "--no-fund"]
        ran = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
        assert ran.returncode == 0, ran.stderr
        made = Path(work) / "made"
        shutil.copytree(Path(work) / "node_modules" / "axe-core", made)
        if not folder.exists():
            made.rename(folder)


@cache
def script() -> str:
    """Return what a page is given to run."""
    folder = _folder()
    if not folder.exists():
        _get(folder)
    return (folder / "axe.min.js").read_text(encoding="utf-8")
