"""`rtcstack sealing …` and `rtcstack serve` on a database whose key is here, elsewhere, or lost."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from rtcstack.adapters.crypto.appliance_key import ApplianceKey
from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.clock import SystemClock
from rtcstack.domain.sealing import place
from tests.support.environment import free_environment
from tests.support.sealing import sealer_for
from tests.support.vault import TOKEN, vault

_ID = f"appliance:{ApplianceKey('its key').id}"
_OTHER = {"RTCSTACK_SEALING__KEY": "another key"}


async def _seal(path: Path) -> None:
    db = SqliteDatabase(path)
    await db.open()
    try:
        await sealer_for(db, SystemClock(), "its key").seal("acme", "x", place("storages", "secret", "sto_1"))
    finally:
        await db.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one data key."""
    migrate(tmp_path / "rtcstack.db")
    asyncio.run(_seal(tmp_path / "rtcstack.db"))
    return tmp_path


def _run(data: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "rtcstack", *words, "--data", str(data)]
    environ = free_environment() | settings
    return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_a_start_with_another_key_ends_and_names_the_one_that_is_wanted(data: Path) -> None:
    livekit = {"RTCSTACK_LIVEKIT__API_KEY": "k", "RTCSTACK_LIVEKIT__API_SECRET": "s"}
    ran = _run(data, "serve", **livekit, **_OTHER)
    assert ran.returncode == 3
    assert "Traceback" not in ran.stderr
    [fault] = [line for line in ran.stderr.splitlines() if '"cannot start"' in line]
    assert _ID.removeprefix("appliance:") in json.loads(fault)["error"]
    assert f"rtcstack sealing forget {_ID}" in json.loads(fault)["error"]


def test_status_says_which_key_is_missing(data: Path) -> None:
    ran = _run(data, "sealing", "status", RTCSTACK_SEALING__KEY="its key")
    assert ran.stdout.splitlines()[:2] == [f"Data keys are wrapped with {_ID}", f"  {_ID}  1 data keys"]
    ran = _run(data, "sealing", "status", **_OTHER)
    assert f"  {_ID}  1 data keys  MISSING: its key is not configured here" in ran.stdout.splitlines()


def test_a_rotation_without_the_key_says_so_and_fails(data: Path) -> None:
    ran = _run(data, "sealing", "rotate", **_OTHER)
    assert ran.returncode == 1
    assert "RTCSTACK_SEALING__OLD_KEYS" in ran.stderr
    ran = _run(data, "sealing", "rotate")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "There is no appliance key" in ran.stderr


def test_a_lost_key_is_forgotten_only_when_told_twice(data: Path) -> None:
    assert _run(data, "sealing", "forget", _ID, **_OTHER).returncode == 2
    ran = _run(data, "sealing", "forget", _ID, "--yes", **_OTHER)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "1 data keys are forgotten" in ran.stdout
    assert _run(data, "sealing", "forget", _ID, "--yes", **_OTHER).returncode == 1


def test_the_way_to_vault_and_what_status_says_when_it_is_sealed(data: Path) -> None:
    with vault() as server:
        settings = {
            "RTCSTACK_SEALING__KEY": "its key",
            "RTCSTACK_SEALING__VAULT_URL": server.url,
            "RTCSTACK_SEALING__VAULT_TOKEN": TOKEN,
        }
        ran = _run(data, "sealing", "rotate", **settings)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert "1 data keys rewrapped with vault:transit/rtcstack:v1" in ran.stdout
        server.is_sealed = True
        ran = _run(data, "sealing", "status", **settings)
        assert ran.stdout.startswith("Data keys are wrapped with an unknown key: Vault is sealed")
        ran = _run(data, "sealing", "rotate", **settings)
        assert ran.returncode == 1
        assert ran.stderr.endswith("Vault is sealed; its operators have to unseal it.\n")
    assert "VAULT_URL" in _run(data, "sealing", "status", RTCSTACK_SEALING__VAULT_URL=server.url).stderr
