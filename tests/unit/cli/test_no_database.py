"""Commands over tenants and keys on a folder that is no appliance's, and who may read what they make."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import outer_environment


def _run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "rtcstack", *words, "--data", str(data)]
    return subprocess.run(
        argv, env=outer_environment(), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "list"),
        ("keys", "revoke", "key_1"),
        ("tenants", "list"),
        ("tenants", "set-plan", "acme", "free"),
    ],
    ids=" ".join,
)
def test_a_mistyped_folder_is_told_and_not_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    ran = _run(tmp_path / "typo", *words)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (f"There is no database {tmp_path}/typo/rtcstack.db: is --data the right folder?\n")
    assert not (tmp_path / "typo").exists()


def test_only_the_owner_can_read_what_is_made(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert _run(data, "keys", "create").returncode == 0
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "rtcstack.db").stat().st_mode & 0o777 == 0o600


def test_a_database_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    assert _run(tmp_path, "keys", "create").returncode == 0
    database = tmp_path / "rtcstack.db"
    connection = sqlite3.connect(database)  # open, so that the files beside it stay
    connection.execute("SELECT count(*) FROM tenants").fetchall()
    files = list(tmp_path.glob("rtcstack.db*"))
    for file in files:
        file.chmod(0o644)
    assert _run(tmp_path, "keys", "list").returncode == 0
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    connection.close()
