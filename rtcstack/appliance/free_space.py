"""Finds out whether the file systems that are written to have room: for a start, and for anything at all."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from rtcstack.appliance.faults import CannotStart
from rtcstack.settings import Settings

NEEDED_BYTES = 64 * 1024 * 1024
"""The logs, Redis' file and the database's log of a start fit into it; recordings ask for more by themselves."""
_FULL_BYTES = 8 * 1024 * 1024
"""With less, a part that dies may well have died of it."""
_MIB = 1024 * 1024


class TooFull(CannotStart):
    """One sentence for each folder without room."""


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def is_full(folder: Path) -> bool:
    return shutil.disk_usage(existing(folder)).free < _FULL_BYTES


def faults(folders: Iterable[Path], needed_bytes: int) -> list[str]:
    """Return a sentence for each file system that has less; a folder that is not there yet will lie in its parent's."""
    found: dict[int, str] = {}
    for folder in folders:
        place = existing(folder.absolute())
        free_bytes = shutil.disk_usage(place).free
        if free_bytes < needed_bytes:
            fault = (
                f"The disk of {folder} is full: {free_bytes / _MIB:.1f} MiB are free, "
                f"at least {needed_bytes / _MIB:.0f} MiB are needed."
            )
            found.setdefault(place.stat().st_dev, fault)
    return list(found.values())


def require(folders: Iterable[Path], needed_bytes: int = NEEDED_BYTES) -> None:
    """Expect room in each folder.

    Raises:
        TooFull: with every folder at once, one a file system.
    """
    if found := faults(folders, needed_bytes):
        raise TooFull("\n".join(f"{fault} Free some space and start again." for fault in found))


def check(settings: Settings) -> None:
    """Expect room for a start in the data folder, the spool and the database's folder.

    Raises:
        TooFull: one of them has too little.
    """
    require(_written_to(settings))


def full(settings: Settings) -> list[str]:
    """Return a sentence for each disk on which nothing can be relied on to be written."""
    return faults(_written_to(settings), _FULL_BYTES)


def _written_to(settings: Settings) -> tuple[Path, ...]:
    return settings.data, settings.spool_path, settings.database_path.parent
