"""What a layer is made from, as a key: a layer is packed again only when that changed."""

import hashlib
import json
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from deploy.onefile.packages import record

_KEY_DIGITS = 16
_HERE = Path(__file__).parent
_DECIDE = (
    *("folder.py", "interpreter.py", "layer.py", "libraries.py", "notices.py", "packages.py", "programs.py"),
    *("launcher/pack/main.go", "launcher/go.sum"),
)


def key_of(*facts: Any) -> str:
    """Return the key of anything that JSON can tell."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:_KEY_DIGITS]


def of_sources() -> dict[str, str]:
    """Return the checksums of the build's own sources that decide what is in a layer."""
    files = [_HERE / name for name in _DECIDE]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def of_files(files: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Return path, size and time of files that are too large to read each time."""
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(files)]


def of_distributions(distributions: Iterable[metadata.Distribution]) -> dict[str, str]:
    """Return the list of files and checksums that an installer left of each."""
    return {one.name: record(one) or one.version for one in distributions}
