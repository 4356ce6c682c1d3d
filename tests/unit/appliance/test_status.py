"""What `rtcstack status` makes of the supervisor's file."""

import os
from pathlib import Path

import pytest

from rtcstack.appliance import state
from rtcstack.appliance.folder import DataFolder, take_lock
from rtcstack.appliance.state import PartStatus, Snapshot


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.make()
    return folder


def _snapshot(birth: int) -> Snapshot:
    return Snapshot(
        os.getpid(), birth, {"api": "http://127.0.0.1:8080"}, [PartStatus("redis", state="healthy", pid=1)]
    )


def test_without_the_lock_what_lies_there_is_old(folder: DataFolder) -> None:
    state.write(folder, _snapshot(state.birth(os.getpid()) or 0))
    assert state.read(folder) is None


def test_with_the_lock_it_is_what_the_supervisor_wrote(folder: DataFolder) -> None:
    lock = take_lock(folder)
    written = _snapshot(state.birth(os.getpid()) or 0)
    state.write(folder, written)
    assert state.read(folder) == written
    os.close(lock)


def test_the_parts_of_a_dead_supervisor_are_stopping(folder: DataFolder) -> None:
    """Its warden holds the lock; the pid may be another process's by now, but not its time of birth."""
    lock = take_lock(folder)
    state.write(folder, _snapshot(birth=1))
    read = state.read(folder)
    assert read is not None
    assert [part.state for part in read.parts] == ["stopping"]
    assert not read.is_healthy
    os.close(lock)


def test_a_part_without_a_process_has_no_uptime() -> None:
    snapshot = Snapshot(
        1, 1, {}, [PartStatus("api", "http://127.0.0.1:8080", state="failed", note="gave up")]
    )
    assert state.as_json(snapshot)["parts"] == [
        {
            "name": "api",
            "state": "failed",
            "pid": None,
            "address": "http://127.0.0.1:8080",
            "uptime_s": None,
            "note": "gave up",
        }
    ]
