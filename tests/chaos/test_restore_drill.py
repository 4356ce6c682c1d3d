"""Promise 24, the drill: a machine is lost at once, its backup is restored into an empty folder, the answers are the same."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.appliance import Appliance

pytestmark = [pytest.mark.chaos, pytest.mark.alone, pytest.mark.appliance]
_LINKS = {"downloadUrl", "download_url", "url_expires_at", "play_url"}


def _without_links(answer: Any) -> Any:
    """Return it without what is signed anew at every call."""
    if isinstance(answer, dict):
        return {
            k: _without_links(v)
            for k, v in answer.items()
            if k not in _LINKS and "signature" not in str(v).lower()
        }
    return [_without_links(each) for each in answer] if isinstance(answer, list) else answer


def _answers(appliance: Appliance, key: str) -> dict[str, Any]:
    appliance._api_key = key
    paths = (
        "/v1/rooms/drill",
        "/v1/rooms/drill/recordings",
        "/v1/halls",
        "/api/v1/recordings",
        "/v1/webhooks",
    )
    found = {path: appliance.call("GET", path) for path in paths}
    assert {status for status, _ in found.values()} == {200}, found
    return {path: _without_links(body) for path, (_, body) in found.items()}


def _use(appliance: Appliance) -> None:
    """Leave a bit of everything: a room, a hall, an endpoint, and the self-check's recording."""
    assert appliance.call("POST", "/v1/rooms", {"roomId": "drill"})[0] == 201
    assert appliance.call("POST", "/v1/halls", {"name": "Drill"})[0] == 201
    hook = {"url": f"{appliance.url}/nothing-here", "events": ["egress_ended"]}
    assert appliance.call("POST", "/v1/webhooks", hook)[0] == 201
    ran = appliance.command("demo", "--seconds", "3")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_24_a_lost_machine_is_restored(new_appliance: Callable[..., Appliance], tmp_path: Path) -> None:
    """Mechanisms: `VACUUM INTO` takes one instant while others write; the manifest, written last, makes a backup."""
    lost = new_appliance()
    lost.start()
    key = lost.api_key
    _use(lost)
    before = _answers(lost, key)
    took = lost.command("backup", str(tmp_path / "shelf"), "--with-secrets", "--json")
    assert took.returncode == 0, took.stderr
    assert json.loads(took.stdout)["recordings"] == 1
    listed = json.loads(took.stdout)["objects"]
    there = lost.command("backup", "verify", str(tmp_path / "shelf"), "--objects", "--json")
    assert there.returncode == 0, there.stdout
    assert json.loads(there.stdout)["objects_looked_at"] == listed
    os.kill(json.loads(lost.folder.state.read_text())["supervisor_pid"], signal.SIGKILL)

    found = new_appliance()
    restored = found.command("restore", str(tmp_path / "shelf"))
    assert restored.returncode == 0, restored.stderr
    found.start()
    assert _answers(found, key) == before
    again = found.command("backup", "verify", str(tmp_path / "shelf"), "--objects", "--json")
    assert again.returncode == 1, "the objects were lost with the machine, and that is told"
    assert len(json.loads(again.stdout)["lost"]) == listed
