"""Parts that outlived both their supervisor and its warden: `status` names them, `down` stops them in order."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from rtcstack.appliance import hints, marker, state, stopping
from rtcstack.appliance.folder import DataFolder, take_lock
from rtcstack.appliance.state import PartStatus, Snapshot
from tests.support.environment import outer_environment

_LEFT = ("redis", "minio", "livekit")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    DataFolder(tmp_path / "data").make()
    return tmp_path / "data"


@pytest.fixture
def left_over(data: Path) -> Iterator[Path]:
    with ExitStack() as ended:
        for name in _LEFT:
            environ = {**outer_environment(), marker.VARIABLE: marker.mark(data, name)}
            process = subprocess.Popen(["sleep", "600"], env=environ)
            ended.callback(process.wait)
            ended.callback(process.kill)
        yield data


def _run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "rtcstack", *words, "--data", str(data)]
    environ = {**outer_environment(), "COLUMNS": "80"}
    return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False)


def _down(data: Path) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-m", "rtcstack", "down", "--data", str(data)]
    return subprocess.Popen(argv, env=outer_environment(), stdout=subprocess.PIPE, text=True)


def test_status_names_them(left_over: Path) -> None:
    ran = _run(left_over, "status")
    assert ran.returncode == 1
    assert f"No supervisor runs on {left_over}, but it left parts over: livekit, minio, redis." in ran.stderr
    assert hints.command("down", left_over).rpartition(" down ")[2] in ran.stderr


def test_down_stops_them_in_order_and_says_so(left_over: Path) -> None:
    ran = _run(left_over, "down")
    assert ran.returncode == 0, ran.stderr
    assert "stopping what it left: livekit, minio, redis." in ran.stdout
    stopped = [line.split()[0] for line in ran.stdout.splitlines() if line.endswith(" stopped")]
    assert stopped == ["livekit", "minio", "redis"]
    assert ran.stdout.splitlines()[-1] == "Stopped."
    assert stopping.running(left_over) == set()
    assert "No appliance runs" in _run(left_over, "down").stdout


def test_down_says_so_when_the_supervisor_hangs(data: Path) -> None:
    """Here it is a shell that does not care for SIGTERM, and has not reported for a minute."""
    folder = DataFolder(data)
    lock = take_lock(folder)
    with subprocess.Popen(["sh", "-c", "trap '' TERM; echo; exec sleep 600"], stdout=subprocess.PIPE) as hung:
        assert hung.stdout is not None
        hung.stdout.readline()
        silent = Snapshot(hung.pid, state.birth(hung.pid) or 0, {"s3_console": ""}, [PartStatus("api")])
        silent.beat_s = time.monotonic() - 60
        folder.state.write_bytes(msgspec.json.encode(silent))
        shown = _run(data, "status")
        assert shown.returncode == 1
        assert f"The supervisor (pid {hung.pid}) hangs" in shown.stderr
        with _down(data) as down:
            assert down.stdout is not None
            told = next(line for line in down.stdout if "hangs" in line)
            hung.kill()
            os.close(lock)
            assert down.stdout.read().endswith("Stopped.\n")
    assert (
        f"does not react to SIGTERM. To have the parts stopped in order by its warden: kill -KILL {hung.pid}"
        in told
    )


def test_in_a_narrow_terminal_no_address_and_no_reason_is_cut(data: Path) -> None:
    address, note = f"https://{'a' * 70}.example.org:8443", "it does not answer within 2 s " * 4
    parts = [PartStatus("api", address, "unhealthy", pid=4194303, started_at_ms=1, note=note.strip())]
    lock = take_lock(DataFolder(data))
    own = Snapshot(os.getpid(), state.birth(os.getpid()) or 0, {"s3_console": "http://127.0.0.1:1"}, parts)
    state.write(DataFolder(data), own)
    shown = _run(data, "status").stdout
    os.close(lock)
    assert address in shown
    assert note.strip() in shown
