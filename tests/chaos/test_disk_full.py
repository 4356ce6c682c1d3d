"""Promises 9 and 10: a disk that fills up while rooms are recorded: what is said, what is kept, and nothing needs a restart."""

import os
import signal
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from rtcstack.demo.inspect import inspect
from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.settings import Settings, load
from tests.chaos.waiting import BOUND_S
from tests.support.appliance import Appliance
from tests.support.environment import free_environment

pytestmark = [pytest.mark.chaos, pytest.mark.alone, pytest.mark.appliance]
_ROOM = "/v1/rooms/standup"
_MOUNT = 'mount -t tmpfs -o size=300m tmpfs "$0" && echo mounted && exec sleep 600'
_NO_SPACE = "No space left on device"


class SmallDisk(Appliance):
    """Its data folder is a tmpfs in a mount namespace of its own, held by a process; commands run in there."""

    def __init__(self, data: Path, environ: dict[str, str]) -> None:
        super().__init__(data, environ)
        data.mkdir()
        unshare = ["unshare", "--mount", "--map-root-user", "sh", "-c", _MOUNT, str(data)]
        self.holder = subprocess.Popen(unshare, stdout=subprocess.PIPE)
        assert self.holder.stdout is not None
        assert self.holder.stdout.readline() == b"mounted\n"
        self._inside = Path(f"/proc/{self.holder.pid}/root{data}")

    @property
    def settings(self) -> Settings:
        return load(self.environ, data=self._inside)

    def argv(self, *words: str) -> list[str]:
        enter = ["nsenter", f"--target={self.holder.pid}", "--user", "--mount", "--preserve-credentials"]
        return [*enter, *super().argv(*words)]

    @property
    def free_bytes(self) -> int:
        disk = os.statvfs(self._inside)
        return disk.f_bavail * disk.f_frsize

    def fill(self, leave_bytes: int = -1) -> None:
        """Leave nothing at all unless told otherwise."""
        with suppress(OSError), (self._inside / "fill").open("ab", buffering=0) as file:
            while self.free_bytes > leave_bytes and file.write(b"\0" * 65536):
                pass

    def make_room(self) -> None:
        (self._inside / "fill").unlink()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "data", {**free_environment(), "RTCSTACK_EGRESS__MIN_FREE_BYTES": "50000000"})
    try:
        made.start()
        yield made
    finally:
        with suppress(FileNotFoundError):
            made.make_room()
        try:
            made.remove()
        finally:
            made.holder.kill()
            made.holder.communicate()


def _until(true: Callable[[], bool], what: str, meanwhile: Callable[[], None] = lambda: None) -> None:
    deadline = time.monotonic() + BOUND_S
    while not true():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        meanwhile()
        time.sleep(0.2)


def _fill_and_kill(small: SmallDisk, name: str) -> None:
    small.fill()
    part = small.part(name)
    if part["state"] == "healthy":
        with suppress(ProcessLookupError):
            os.kill(part["pid"], signal.SIGKILL)


def _waits(note: str) -> bool:
    return "it needs redis" in note or "its disk is full" in note


def _write(small: SmallDisk) -> int:
    """Write to the database alone, more than fits into its files still; return the last status."""
    for _ in range(100):
        status, answer = small.call("POST", "/v1/webhooks", {"url": f"http://127.0.0.1:9/{'x' * 1500}"})
        assert (status, answer.get("error", {}).get("code")) in {(201, None), (507, "disk_full")}, answer
        if status != 201:
            break
    return status


def test_09_10_it_says_what_is_wrong_and_goes_on_when_there_is_room_again(
    small: SmallDisk, tmp_path: Path
) -> None:
    """Mechanisms: the writer's errors are told apart (507), `RESERVE_BYTES` ends a recording while its file can be closed.

    LiveKit and the API are killed on top: their next starts are tried until there is room.
    """
    small.call("POST", "/v1/rooms", {"roomId": "standup"})
    assert small.call("POST", f"{_ROOM}/recording/start")[0] == 200
    _until(
        lambda: small.call("POST", f"{_ROOM}/recording/start")[1]["status"] == "active", "it has a picture"
    )
    time.sleep(3)  # what is recorded

    small.fill(RESERVE_BYTES // 2)
    _until(
        lambda: small.call("GET", f"{_ROOM}/recordings")[1][0]["status"] != "recording",
        "the recording ends early",
    )
    assert small.free_bytes > RESERVE_BYTES // 4, "while its file can be closed"
    small.fill()
    shown = small.command("status")
    assert (shown.returncode, "is full" in shown.stderr) == (1, True)
    _until(lambda: _NO_SPACE in (small.part("redis")["note"] or ""), "Redis says so", small.fill)
    status, ready = small.call("GET", "/readyz")
    assert status == 503
    assert ready["disk"] == "There is no space left in the data folder; free some and try again."
    assert _NO_SPACE in ready["parts"]["redis"]
    assert small.call("GET", f"{_ROOM}/recording") == (200, {"active": False})
    status, refused = small.call("POST", f"{_ROOM}/recording/start")
    assert (status, refused["error"]["code"]) == (507, "disk_full")
    status, refused = small.call(
        "POST", "/v1/halls", {"name": "a"}
    )  # LiveKit fails first, for want of its Redis
    assert (status, refused["error"]["code"]) == (507, "disk_full")

    _until(lambda: _write(small) == 507, "the database has no room either", small.fill)

    api = small.part("api")["pid"]
    small.make_room()
    _until(lambda: small.call("POST", "/v1/halls", {"name": "a"})[0] == 201, "it goes on without a restart")
    assert small.part("api")["pid"] == api
    _until(lambda: _NO_SPACE in (small.part("redis")["note"] or ""), "Redis says so", small.fill)

    before = small.part("livekit")["pid"]
    # Redis notices when it writes the next time, and with a page that something gave back it can: LiveKit starts then, and is
    # killed again. It waits for Redis, or for room.
    kill_livekit = partial(_fill_and_kill, small, "livekit")
    _until(lambda: _waits(small.part("livekit")["note"] or ""), "LiveKit waits", kill_livekit)
    kill_api = partial(_fill_and_kill, small, "api")
    _until(lambda: "its disk is full" in (small.part("api")["note"] or ""), "the API is tried on", kill_api)
    assert small.command("status").returncode == 1

    small.make_room()
    _until(lambda: small.command("status").returncode == 0, "all is well again")
    assert small.part("livekit")["pid"] != before
    _until(lambda: small.call("GET", "/readyz")[0] == 200, "ready")
    _until(
        lambda: small.call("GET", f"{_ROOM}/recordings")[1][0]["status"] == "ready", "the recording is kept"
    )
    [kept] = small.call("GET", f"{_ROOM}/recordings")[1]
    file = tmp_path / "kept.mp4"
    with urllib.request.urlopen(kept["downloadUrl"], timeout=30) as answer:
        file.write_bytes(answer.read())
    assert inspect(file, []).duration_s >= 1, "every frame of it decodes"
    assert small.call("POST", f"{_ROOM}/recording/start")[0] == 200
    with closing(sqlite3.connect(small.settings.database_path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
