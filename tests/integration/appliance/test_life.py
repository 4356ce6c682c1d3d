"""The appliance as its user sees it: up, status, down, and what goes wrong in between."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rtcstack.appliance import marker
from rtcstack.appliance.folder import is_taken
from rtcstack.settings import SECRETS
from tests.support.appliance import Appliance
from tests.support.standstill import standing_still, stop_still

pytestmark = pytest.mark.appliance
_PARTS = {"redis", "minio", "livekit", "egress", "api"}
New = Callable[..., Appliance]


def _until(true: Callable[[], bool], what: str, within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, f"it did not come to this within {within_s} s: {what}"
        time.sleep(0.1)


def _supervisor(appliance: Appliance) -> int:
    return int(json.loads(appliance.folder.state.read_text())["supervisor_pid"])


def _is_new(appliance: Appliance, name: str, before: int) -> bool:
    return appliance.part(name)["pid"] not in {None, before}


def test_status_tells_every_part_and_every_address(appliance: Appliance) -> None:
    shown = appliance.status()
    assert {part["name"]: part["state"] for part in shown["parts"]} == dict.fromkeys(_PARTS, "healthy")
    for part in shown["parts"]:
        assert Path(f"/proc/{part['pid']}").exists()
        assert part["uptime_s"] >= 0
    settings = appliance.settings
    assert shown["addresses"] == {
        "api": settings.api.url,
        "livekit": settings.livekit.ws_url,
        "s3": settings.storage.url,
        "s3_console": f"http://127.0.0.1:{settings.storage.console_port}",
    }
    assert appliance.command("status").returncode == 0


def test_a_second_up_on_the_same_folder_is_refused(appliance: Appliance) -> None:
    second = appliance.command("up", "--no-selfcheck")
    assert second.returncode == 1
    assert f"An appliance already runs on {appliance.data}" in second.stderr
    assert appliance.processes() == _PARTS


def test_secrets_are_in_files_of_the_owner_and_nowhere_else(appliance: Appliance) -> None:
    for file in [*(appliance.data / "secrets").iterdir(), *(appliance.data / "run").glob("*.*")]:
        if file.is_file():
            assert file.stat().st_mode & 0o077 == 0, file
    secrets = [getattr(getattr(appliance.settings, section), name) for section, name in SECRETS]
    texts = {str(log): log.read_text(errors="replace") for log in (appliance.data / "logs").iterdir()}
    for process in marker.processes(appliance.data):
        texts[f"command line of {process.pid}"] = Path(f"/proc/{process.pid}/cmdline").read_text()
        process.close()
    for place, text in texts.items():
        assert not [secret for secret in secrets if secret.get_secret_value() in text], place


def test_a_busy_port_is_named_with_who_asks_and_who_holds_it(
    appliance: Appliance, new_appliance: New
) -> None:
    taken = appliance.settings.storage.port
    other = new_appliance(RTCSTACK_API__PORT=str(taken))
    ran = other.command("up", "--detach", "--no-selfcheck")
    assert ran.returncode == 1
    holder = appliance.part("minio")["pid"]
    assert f"port {taken}/tcp on 127.0.0.1 is taken by pid {holder} (minio)" in ran.stderr
    assert "api asks for it with RTCSTACK_API__PORT" in ran.stderr
    assert other.processes() == set()


def test_two_settings_with_one_port_are_told(new_appliance: New) -> None:
    one = new_appliance()
    other = new_appliance(RTCSTACK_LIVEKIT__PORT=str(one.settings.redis.port))
    other.environ["RTCSTACK_REDIS__PORT"] = str(one.settings.redis.port)
    ran = other.command("up", "--no-selfcheck")
    assert ran.returncode == 1
    assert "RTCSTACK_REDIS__PORT and RTCSTACK_LIVEKIT__PORT both ask for port" in ran.stderr


def test_parts_that_are_killed_come_back(appliance: Appliance) -> None:
    for name in ("redis", "minio", "livekit", "egress", "api"):
        before = appliance.part(name)["pid"]
        os.kill(before, signal.SIGKILL)
        _until(partial(_is_new, appliance, name, before), f"{name} is new")

    def healthy() -> bool:
        return {part["state"] for part in appliance.status()["parts"]} == {"healthy"}

    _until(healthy, "all healthy again")


@pytest.mark.parametrize("name", ["livekit", "egress"])
def test_a_part_that_hangs_is_unhealthy_and_status_says_so(appliance: Appliance, name: str) -> None:
    pid = appliance.part(name)["pid"]
    with standing_still(pid):
        _until(lambda: appliance.part(name)["state"] == "unhealthy", f"{name} is unhealthy")
        assert appliance.command("status").returncode == 1
    _until(lambda: appliance.part(name)["state"] == "healthy", f"{name} is healthy")


def test_a_stop_names_the_egress_worker_that_hangs(appliance: Appliance) -> None:
    recording = "/v1/rooms/hung-egress/recording"
    assert appliance.call("POST", "/v1/rooms", {"roomId": "hung-egress"})[0] == 201
    assert appliance.call("POST", f"{recording}/start")[0] == 200
    pid = appliance.part("egress")["pid"]
    with standing_still(pid):
        status, answer = appliance.call("POST", f"{recording}/stop")
    assert (status, answer["error"]["details"]["part"]) == (503, "egress")
    assert appliance.call("POST", f"{recording}/stop")[0] == 200
    assert appliance.call("DELETE", "/v1/rooms/hung-egress")[0] == 204


def test_up_and_down_and_up_again(new_appliance: New) -> None:
    one = new_appliance()
    nothing = one.command("status", "--json")
    assert nothing.returncode == 1
    assert "No appliance runs" in nothing.stderr
    printed = one.start()
    assert "rtc_live_" in printed
    assert f" down --data {one.data}" in printed
    one.stop()
    assert one.processes() == set()
    assert one.command("status").returncode == 1
    assert "rtc_live_" not in one.start()
    assert one.processes() == _PARTS
    told = one.command("down").stdout.splitlines()
    stopped = [line.split()[0] for line in told if line.endswith(" stopped")]
    assert stopped == ["egress", "api", "livekit", "minio", "redis"]
    assert told[-1] == "Stopped."
    assert "No appliance runs" in one.command("down").stdout


def test_in_the_foreground_ctrl_c_stops_everything(new_appliance: New) -> None:
    one = new_appliance()
    argv = [sys.executable, "-m", "rtcstack", "up", "--no-selfcheck", "--data", str(one.data)]
    with subprocess.Popen(
        argv, env=one.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as up:
        _until(lambda: bool(one.status()["parts"]) and one.command("status").returncode == 0, "healthy")
        up.send_signal(signal.SIGINT)
        printed, _ = up.communicate(timeout=60)
    assert up.returncode == 0, printed
    stopped = [line.split(":")[0] for line in printed.splitlines() if ": stopped (" in line]
    assert stopped == ["egress", "api", "livekit", "minio", "redis"]
    assert one.processes() == set()


def _warden(supervisor: int) -> int:
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    (warden,) = (int(pid) for pid in children if b"\0warden\0" in Path(f"/proc/{pid}/cmdline").read_bytes())
    return warden


def test_what_is_left_when_the_warden_is_killed_too_goes_at_the_next_start(new_appliance: New) -> None:
    one = new_appliance()
    one.start()
    supervisor = _supervisor(one)
    os.kill(_warden(supervisor), signal.SIGKILL)
    os.kill(supervisor, signal.SIGKILL)
    _until(lambda: one.processes() == {"redis", "minio", "livekit"}, "ours saw the control pipe end")
    one.start()
    assert "left over: livekit: stopped" in one.folder.supervisor_log.read_text()
    assert one.processes() == _PARTS


def test_a_killed_supervisor_leaves_nothing(new_appliance: New) -> None:
    one = new_appliance()
    one.start()
    supervisor = _supervisor(one)
    warden = _warden(supervisor)
    stop_still(warden)  # so that it is not done before the next start has begun
    os.kill(supervisor, signal.SIGKILL)
    again = one.command("up", "--no-selfcheck")
    assert again.returncode == 1, "the folder stays taken until all is stopped"
    os.kill(warden, signal.SIGCONT)
    _until(
        lambda: _stopped(one) == ["egress", "api", "livekit", "minio", "redis"], "all is stopped, in order"
    )
    assert one.processes() == set()
    _until(lambda: not is_taken(one.folder), "the warden is gone")
    one.start()
    assert one.processes() == _PARTS


def _stopped(one: Appliance) -> list[str]:
    log = one.folder.supervisor_log.read_text()
    return [line.split(":")[0] for line in log.splitlines() if ": stopped (" in line]
