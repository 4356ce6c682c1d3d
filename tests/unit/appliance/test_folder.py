"""The lock of the data folder: who looks at it takes it from nobody."""

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from rtcstack.appliance.folder import DataFolder, Taken, is_taken, take_lock


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.make()
    return folder


def _look(folder: DataFolder) -> int:
    """Hold what a look holds, as if it were stopped in its middle."""
    descriptor = os.open(folder.lock, os.O_RDONLY | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def test_it_is_taken_as_long_as_the_lock_is_held(folder: DataFolder) -> None:
    assert not is_taken(folder)
    lock = take_lock(folder)
    assert is_taken(folder)
    with pytest.raises(Taken):
        take_lock(folder)
    os.close(lock)
    assert not is_taken(folder)


def test_a_look_is_not_taken_for_an_appliance(folder: DataFolder) -> None:
    looking = _look(folder)
    assert not is_taken(folder)
    os.close(looking)


def test_a_start_outwaits_a_look(folder: DataFolder) -> None:
    looking = _look(folder)

    def end() -> None:
        time.sleep(0.1)
        os.close(looking)

    ending = threading.Thread(target=end)
    ending.start()
    lock = take_lock(folder)
    ending.join()
    os.close(lock)


def test_a_new_folder_is_the_owners_and_one_that_is_there_stays_as_it_is(
    tmp_path: Path, folder: DataFolder
) -> None:
    assert folder.path.stat().st_mode & 0o777 == 0o700
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    theirs.chmod(0o750)
    DataFolder(theirs).make()
    assert theirs.stat().st_mode & 0o777 == 0o750
