"""What `rtcstack status` makes of the supervisor's file."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
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
    part = PartStatus("redis", state="healthy", pid=1, birth=state.birth(1))
    return Snapshot(os.getpid(), birth, {"api": "http://127.0.0.1:8080"}, [part])


def _own_snapshot() -> Snapshot:
    return _snapshot(state.birth(os.getpid()) or 0)


@pytest.fixture
def lock(folder: DataFolder) -> Iterator[int]:
    descriptor = take_lock(folder)
    yield descriptor
    os.close(descriptor)


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


@pytest.mark.usefixtures("lock")
def test_a_full_disk_does_not_keep_a_change_back(folder: DataFolder) -> None:
    """Overwriting needs no space; a new file in its place would."""
    state.write(folder, _own_snapshot())
    before = folder.state.stat()
    later = _own_snapshot()
    later.parts[0].state, later.parts[0].note = "failed", "gave up: " + "it ended with status 1 " * 20
    state.write(folder, later)
    after = folder.state.stat()
    assert (after.st_ino, after.st_size, after.st_blocks) == (before.st_ino, before.st_size, before.st_blocks)
    assert state.read(folder) == later


@pytest.mark.usefixtures("lock")
def test_a_part_whose_process_has_ended_is_not_healthy_whatever_was_written(folder: DataFolder) -> None:
    process = subprocess.Popen(["sleep", "600"])
    snapshot = _own_snapshot()
    snapshot.parts = [PartStatus("api", state="healthy", pid=process.pid, birth=state.birth(process.pid))]
    state.write(folder, snapshot)
    well = state.read(folder)
    assert well is not None
    assert well.is_healthy
    process.kill()
    os.waitid(
        os.P_PID, process.pid, os.WEXITED | os.WNOWAIT
    )  # not taken in: a hung supervisor does not either
    (part,) = (state.read(folder) or snapshot).parts
    assert (part.state, part.pid, part.note) == ("unhealthy", None, f"its process {process.pid} has ended")
    process.wait()


@pytest.mark.usefixtures("lock")
def test_of_the_parts_of_a_silent_supervisor_nothing_is_known(folder: DataFolder) -> None:
    long_ago = _own_snapshot()
    long_ago.beat_s = time.monotonic() - 60
    folder.state.write_bytes(msgspec.json.encode(long_ago))
    read = state.read(folder)
    assert read is not None
    assert read.is_silent
    assert [part.state for part in read.parts] == ["unknown"]
    assert not read.is_healthy


@pytest.mark.usefixtures("lock")
def test_half_a_change_is_never_read(folder: DataFolder) -> None:
    """The file is overwritten in place, so a reader waits until it stands still."""
    done = threading.Event()

    def write_on() -> None:
        snapshots = [_own_snapshot(), _own_snapshot()]
        snapshots[1].parts[0].note = "x" * 4000
        while not done.is_set():
            for snapshot in snapshots:
                state.write(folder, snapshot)

    state.write(folder, _own_snapshot())
    writing = threading.Thread(target=write_on)
    writing.start()
    try:
        notes = {(state.read(folder) or _own_snapshot()).parts[0].note for _ in range(200)}
    finally:
        done.set()
        writing.join()
    assert notes <= {"", "x" * 4000}
