"""Promise 11: whatever stops the appliance, a running recording is finished, stored and announced first."""

import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtcstack.appliance.folder import is_taken
from rtcstack.demo.inspect import inspect
from tests.support.appliance import Appliance
from tests.support.receiver import Receiver, receiver

pytestmark = [pytest.mark.chaos, pytest.mark.alone, pytest.mark.appliance]
_ROOM = "standup"
_RECORDED_S = 3


def _call(appliance: Appliance, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {appliance.api_key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{appliance.url}{path}", data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def _record(appliance: Appliance, customer: Receiver) -> None:
    appliance.start()
    _call(appliance, "POST", "/v1/webhooks", {"url": customer.url})
    _call(appliance, "POST", "/v1/rooms", {"roomId": _ROOM})
    _call(appliance, "POST", f"/v1/rooms/{_ROOM}/recording/start")
    time.sleep(_RECORDED_S)


def _kill(appliance: Appliance) -> None:
    os.kill(json.loads(appliance.folder.state.read_text())["supervisor_pid"], signal.SIGKILL)
    deadline = time.monotonic() + 60
    while appliance.processes() or is_taken(appliance.folder):  # the warden leaves after the last of them
        assert time.monotonic() < deadline, f"still there: {appliance.processes()}"
        time.sleep(0.1)


@pytest.mark.parametrize("stop", [Appliance.stop, _kill], ids=["down", "kill -9"])
def test_11_the_recording_is_finished_and_announced(
    new_appliance: Callable[..., Appliance], stop: Callable[[Appliance], None], tmp_path: Path
) -> None:
    """Mechanisms: the order of stopping (the worker first), and the warden; e2e/test_compose.py does it with the containers."""
    one, file = new_appliance(), tmp_path / "recording.mp4"
    with receiver() as customer:
        _record(one, customer)
        stop(one)
        told = customer.events("egress_ended")
        assert len(told) == 1, "it is announced before all has stopped"
        assert one.processes() == set()
        one.start()
    (ended,) = told
    assert ended["roomId"] == _ROOM
    assert ended["duration"] >= _RECORDED_S - 1
    (recording,) = _call(one, "GET", f"/v1/rooms/{_ROOM}/recordings")
    assert recording["file"] == ended["file"]
    with urllib.request.urlopen(recording["downloadUrl"], timeout=30) as answer:
        file.write_bytes(answer.read())
    assert file.stat().st_size == ended["size"]
    seen = inspect(file, [])  # decodes all of it: what is damaged raises
    assert seen.video is not None
    assert seen.video.duration_s >= _RECORDED_S - 1
