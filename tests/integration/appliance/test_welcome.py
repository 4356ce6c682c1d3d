"""What the first start prints last: the key and the password, which nobody can be shown again."""

import json
import subprocess
import sys
from pathlib import Path

from rtcstack.appliance.folder import DataFolder
from rtcstack.appliance.welcome import welcome
from tests.support.environment import free_environment, settings_with_secrets


def _keys(data: Path, environ: dict[str, str]) -> list[str]:
    argv = [sys.executable, "-m", "rtcstack", "keys", "list", "--json", "--data", str(data)]
    ran = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=120, check=True)
    return [str(key["name"]) for key in json.loads(ran.stdout)]


async def test_the_key_and_the_password_are_the_last_that_is_said_and_no_later_start_says_them(
    tmp_path: Path,
) -> None:
    """Nothing runs here, so the self-check fails; they are said all the same."""
    environ, told, later = free_environment(), list[str](), list[str]()
    settings = settings_with_secrets(environ, tmp_path / "data")
    DataFolder(settings.data).make()
    assert not await welcome(settings, environ, told.append, selfcheck=True)
    first, *_, failed, last = told
    assert failed.startswith("The self-check failed.")
    assert "OpenAPI document at /schema/openapi.json, guides in docs/" in first
    assert "  API key     rtc_live_" in last
    assert "  Password    " in last
    assert all(line in first.splitlines() for line in last.splitlines() if line.startswith("  "))
    assert _keys(settings.data, environ) == ["first start"]
    assert await welcome(settings, environ, later.append, selfcheck=False)
    assert "rtc_live_" not in "".join(later)
