"""Joins launcher and layers: the launcher reads the table of contents from the end (launcher/contents.go)."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from deploy.onefile.layer import Layer

_MARK = b"rtcstack-one-file"
_ID_DIGITS = 12


def _identity(version: str, launcher: Path, layers: Sequence[Layer]) -> str:
    """Name version and bytes: another build never runs from this one's folder."""
    with launcher.open("rb") as opened:
        sums = [hashlib.file_digest(opened, "sha256").hexdigest(), *(layer.sha256 for layer in layers)]
    return f"{version}-{hashlib.sha256(''.join(sums).encode()).hexdigest()[:_ID_DIGITS]}"


def join(target: Path, version: str, launcher: Path, layers: Sequence[Layer]) -> None:
    """Write the one file in place of an earlier one, also of one that runs."""
    half = target.with_name(f".{target.name}.half")
    with half.open("wb") as out:
        with launcher.open("rb") as source:
            shutil.copyfileobj(source, out)
        rows = []
        for layer in layers:
            place = {"offset": out.tell(), "bytes": layer.file.stat().st_size}
            rows.append(
                {"name": layer.name, "unpacked_bytes": layer.unpacked_bytes, "sha256": layer.sha256, **place}
            )
            with layer.file.open("rb") as source:
                shutil.copyfileobj(source, out)
        identity = _identity(version, launcher, layers)
        table = json.dumps({"id": identity, "version": version, "layers": rows}).encode()
        out.write(table + len(table).to_bytes(8, "big") + _MARK)
    half.chmod(0o755)
    half.replace(target)
