"""A layer: a folder as a tar archive compressed by zstd, the same bytes for the same files."""

import hashlib
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.onefile.faults import CannotBuild

_PIPE_BYTES = 1 << 20
_AT_S = 1_577_836_800
"""The time of every carried file: that of the build would make two builds of the same differ."""


@dataclass(frozen=True, slots=True)
class Layer:
    name: str
    file: Path
    unpacked_bytes: int
    sha256: str


def _files(folder: Path) -> Iterator[Path]:
    """Yield what is in the archive; folders follow from it."""
    return (file for file in sorted(folder.rglob("*")) if file.is_symlink() or file.is_file())


def _add(archive: tarfile.TarFile, file: Path, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.mtime = _AT_S
    if file.is_symlink():
        entry.type, entry.linkname = tarfile.SYMTYPE, str(file.readlink())
        archive.addfile(entry)
        return
    entry.size = file.stat().st_size
    entry.mode = 0o755 if file.stat().st_mode & 0o100 else 0o644
    with file.open("rb") as content:
        archive.addfile(entry, content)


def pack(packer: Path, name: str, folder: Path, target: Path) -> Layer:
    """Write `folder` to `target`, every file of nobody and of one time.

    Raises:
        CannotBuild: the packer refused; nothing is left of the layer then.
    """
    half = target.with_suffix(".half")
    with (
        half.open("wb") as out,
        subprocess.Popen([str(packer)], stdin=subprocess.PIPE, stdout=out) as process,  # noqa: S603 - our own
    ):
        assert process.stdin is not None
        with process.stdin, tarfile.open(fileobj=process.stdin, mode="w|", bufsize=_PIPE_BYTES) as archive:
            for file in _files(folder):
                _add(archive, file, str(file.relative_to(folder)))
    if process.returncode:
        raise CannotBuild(f"The layer {name} could not be packed; is the disk full?")
    unpacked_bytes = sum(file.lstat().st_size for file in _files(folder))
    with half.open("rb") as packed:
        layer = Layer(name, target, unpacked_bytes, hashlib.file_digest(packed, "sha256").hexdigest())
    _note(target).write_text(json.dumps({**asdict(layer), "file": target.name}), encoding="utf-8")
    half.rename(target)
    return layer


def find(target: Path) -> Layer | None:
    """Return a layer that an earlier build packed."""
    if not target.is_file():
        return None
    noted = json.loads(_note(target).read_text(encoding="utf-8"))
    os.utime(target)
    return Layer(**{**noted, "file": target})


def _note(target: Path) -> Path:
    return target.with_suffix(".json")
