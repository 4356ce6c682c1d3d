"""`rtcstack doctor` where nothing runs: what would refuse a start is named, all of it at once, and nothing is made."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.environment import free_environment, settings_with_secrets

_SMALL_DISK = 'mount -t tmpfs -o size=20m tmpfs "$0" && exec "$@"'


def _examine(
    data: Path, environ: dict[str, str], *words: str, within: tuple[str, ...] = ()
) -> tuple[int, dict[str, Any], dict[str, str]]:
    argv = [*within, sys.executable, "-m", "rtcstack", "doctor", "--json", "--data", str(data), *words]
    ran = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert ran.stdout, ran.stderr
    told = json.loads(ran.stdout)
    return ran.returncode, told, {f["id"]: f["seen"] for f in told["findings"] if f["level"] == "error"}


def test_before_the_first_start_all_is_well_and_nothing_is_made(tmp_path: Path) -> None:
    status, told, errors = _examine(tmp_path / "data", free_environment())
    assert (status, errors) == (0, {})
    assert (told["running"], told["live"]["ran"]) == (False, False)
    assert "up --detach" in told["live"]["left_out"]
    assert not (tmp_path / "data").exists()


def test_all_that_is_broken_is_named_at_once(tmp_path: Path) -> None:
    environ, data = free_environment(), tmp_path / "data"
    key = settings_with_secrets(environ, data).secrets_path / "livekit_api_secret"
    key.chmod(0o644)
    port = int(environ["RTCSTACK_LIVEKIT__PORT"])
    broken = {**environ, "RTCSTACK_LIVEKIT__RTC_UPD_PORT": "7882", "RTCSTACK_CLIPS__WORKERS": "99"}
    with socket.create_server(("127.0.0.1", port)):
        status, _, errors = _examine(data, broken)
    assert status == 1
    assert errors.keys() == {"config.unknown", "config.values", "secrets.readers", "ports.free"}
    assert errors["config.unknown"].startswith("RTCSTACK_LIVEKIT__RTC_UPD_PORT in the environment")
    assert errors["config.values"].startswith("RTCSTACK_CLIPS__WORKERS in the environment")
    assert errors["secrets.readers"].startswith(str(key))
    assert f"port {port}/tcp on 127.0.0.1, which livekit asks for, is taken by pid " in errors["ports.free"]


def test_a_small_disk_is_named(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    within = ("unshare", "--mount", "sh", "-c", _SMALL_DISK, str(spool))
    environ = {**free_environment(), "RTCSTACK_EGRESS__SPOOL": str(spool)}
    status, told, errors = _examine(tmp_path / "data", environ, within=within)
    assert status == 1
    assert errors == {
        "disk.space": f"spool: 20 MiB free at {spool}, at least 512 MiB are needed (RTCSTACK_EGRESS__MIN_FREE_BYTES)"
    }
    seen = [f["seen"] for f in told["findings"] if f["id"] == "disk.filesystem"]
    assert f"spool at {spool} lies on tmpfs" in seen


def test_a_live_check_that_was_asked_for_cannot_be_left_out(tmp_path: Path) -> None:
    status, _, errors = _examine(tmp_path / "data", free_environment(), "--live")
    assert (status, list(errors)) == (1, ["live.recording"])


def test_wrong_options_are_status_2() -> None:
    argv = [sys.executable, "-m", "rtcstack", "doctor", "--nothing"]
    ran = subprocess.run(
        argv, env=free_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout) == (2, "")
