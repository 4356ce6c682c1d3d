"""Folders that go away again, also those of processes that were killed over them: a lock says whether anybody is at work there.

A lock on a folder ends with its process, however that ends (flock(2)). Where there are no such locks nothing is cleared.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MADE_UP: Final = "[a-z0-9_]" * 8


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Make a folder for as long as it is needed; what dead processes left of that prefix is cleared first.

    Others' folders that only begin like it are left alone: `tempfile.mkdtemp` puts eight letters or digits behind it.
    """
    for left in parent.glob(prefix + _MADE_UP):
        with deserted(left) as is_deserted:
            if is_deserted:
                shutil.rmtree(left, ignore_errors=True)
    with _made(parent, prefix) as folder:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def at_work(folder: Path) -> Iterator[bool]:
    """Hold the folder; yield whether it is there still, or was cleared in the moment before."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        yield False
        return
    try:
        _lock(descriptor, fcntl.LOCK_EX)
        yield folder.exists()
    finally:
        os.close(descriptor)


@contextmanager
def deserted(folder: Path) -> Iterator[bool]:
    """Yield whether nobody is at work in the folder; nobody begins to be until this ends."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        yield _lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


@contextmanager
def _made(parent: Path, prefix: str) -> Iterator[Path]:
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
        with at_work(folder) as is_there:
            if is_there:
                yield folder
                return


def _lock(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        return False
    return True
