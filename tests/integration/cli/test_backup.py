"""`rtcstack backup` and `rtcstack restore`, as they are typed."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rtcstack.domain.backup import NOTE
from tests.support.environment import outer_environment


def _run(*words: object) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "rtcstack", *map(str, words)]
    return subprocess.run(
        argv, env=outer_environment(), capture_output=True, text=True, timeout=120, check=False
    )


def _json(*words: object) -> dict[str, Any]:
    ran = _run(*words, "--json")
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a tenant, a key and secrets."""
    folder = tmp_path / "data"
    _json("keys", "create", "--tenant", "acme", "--data", folder)
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "secrets" / "sealing_key").write_text("CANARY_k3y")
    return folder


def _tenants(data: Path) -> list[Any]:
    with closing(sqlite3.connect(data / "rtcstack.db")) as db:
        return (
            db.execute("SELECT id, plan FROM tenants").fetchall()
            + db.execute("SELECT id, secret_hash FROM api_keys").fetchall()
        )


def test_a_backup_is_restored_into_an_empty_folder_and_nowhere_else(data: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    made = _json("backup", shelf, "--data", data)
    assert (made["recordings"], made["objects"], made["has_secrets"]) == (0, 0, False)
    assert json.loads((data / NOTE).read_text())["name"] == made["name"]
    assert _json("backup", "verify", shelf, "--data", tmp_path / "nowhere")["faults"] == []
    refused = _run("restore", shelf, "--data", data)
    assert refused.returncode == 1
    assert "There is a database already" in refused.stderr
    assert _json("restore", shelf, "--data", tmp_path / "new")["name"] == made["name"]
    assert _tenants(tmp_path / "new") == _tenants(data)
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == ["rtcstack.db"]
    assert (tmp_path / "new" / "rtcstack.db").stat().st_mode & 0o777 == 0o600


def test_the_appliances_secrets_are_in_it_only_if_asked_for(data: Path, tmp_path: Path) -> None:
    _json("backup", tmp_path / "without", "--data", data)
    assert all(
        b"CANARY" not in file.read_bytes() for file in (tmp_path / "without").rglob("*") if file.is_file()
    )
    assert _json("backup", tmp_path / "with", "--with-secrets", "--data", data)["has_secrets"]
    _json("restore", tmp_path / "with", "--data", tmp_path / "new")
    key = tmp_path / "new" / "secrets" / "sealing_key"
    assert key.read_text() == "CANARY_k3y"
    assert key.stat().st_mode & 0o777 == 0o600
    (tmp_path / "other" / "secrets").mkdir(parents=True)
    (tmp_path / "other" / "secrets" / "sealing_key").write_text("another")
    refused = _run("restore", tmp_path / "with", "--data", tmp_path / "other")
    assert refused.returncode == 1
    assert "There are other secrets in" in refused.stderr
    assert sorted(file.name for file in (tmp_path / "other").iterdir()) == ["secrets"]


@pytest.mark.parametrize("at", [0, -1])
def test_a_damaged_backup_is_told_and_not_restored(data: Path, tmp_path: Path, at: int) -> None:
    shelf = tmp_path / "shelf"
    _json("backup", shelf, "--data", data)
    (state,) = shelf.glob("*/state.sqlite3")
    content = bytearray(state.read_bytes())
    content[at] ^= 0xFF
    state.write_bytes(content)
    verified = _run("backup", "verify", shelf, "--data", data)
    assert verified.returncode == 1
    assert "state.sqlite3 is not what was written" in verified.stderr
    refused = _run("restore", shelf, "--data", tmp_path / "new")
    assert refused.returncode == 1
    assert "The backup is not restored" in refused.stderr
    assert list((tmp_path / "new").iterdir()) == []


def test_what_cannot_be_done_is_told(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for words, told in (
        (("backup", "ftp://x"), "Backups go to a folder or to s3://BUCKET/PREFIX"),
        (("backup", "s3://x"), "s3://x is no address of a bucket"),
        (("backup", "s3://some-bucket"), "RTCSTACK_STORAGE__ACCESS_KEY"),
        (("backup", tmp_path / "file"), "cannot be written to"),
        (("backup", "verify", tmp_path / "empty"), "There is no whole backup in"),
        (("restore", tmp_path / "empty"), "There is"),
    ):
        ran = _run(*words, "--data", data)
        assert ran.returncode == 1, words
        assert told in ran.stderr, ran.stderr
        assert "Traceback" not in ran.stderr


def test_what_a_killed_backup_left_is_cleared_or_named(data: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    for name, file in (("2026-11-21T21-45-00Z", "state.sqlite3"), ("2026-11-21T21-46-00Z", "not-ours")):
        (shelf / name).mkdir(parents=True)
        (shelf / name / file).write_text("")
    (data / ".backup-killed_0").mkdir()
    (data / ".backup-killed_0" / "secrets.json").write_text("CANARY")
    made = _json("backup", shelf, "--data", data)
    assert made["unfinished"] == ["2026-11-21T21-46-00Z"]
    assert not (data / ".backup-killed_0").exists()
    verified = _run("backup", "verify", shelf, "--data", data)
    assert verified.returncode == 0
    assert "2026-11-21T21-46-00Z is not whole" in verified.stderr
    assert sorted(folder.name for folder in shelf.iterdir() if folder.is_dir()) == [
        "2026-11-21T21-46-00Z",
        made["name"],
    ]


def test_it_goes_on_and_keeps_the_newest(data: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    argv = [sys.executable, "-m", "rtcstack", "backup", str(shelf), "--every", "1", "--keep", "2"]
    with subprocess.Popen(
        [*argv, "--data", str(data)], env=outer_environment(), stdout=subprocess.PIPE, text=True
    ) as going:
        assert going.stdout is not None
        told = [going.stdout.readline().split()[0] for _ in range(4)]
        going.send_signal(signal.SIGINT)
        assert going.wait(30) == 0
    deadline = time.monotonic() + 5
    while len(left := sorted(file.stem for file in shelf.glob("*.json"))) > 2:
        assert time.monotonic() < deadline, left
    assert told[3] in left


def test_the_newest_stays_whatever_else_lies_there(data: Path, tmp_path: Path) -> None:
    """Files of others, and a backup that was made when the clock was ahead."""
    shelf = tmp_path / "shelf"
    ahead = "2099-01-01T00-00-00Z"
    first = _json("backup", shelf, "--data", data)["name"]
    (shelf / first).rename(shelf / ahead)
    facts = shelf / f"{first}.json"
    (shelf / f"{ahead}.json").write_text(facts.read_text().replace(first, ahead))
    facts.unlink()
    for name in ("0notes", "zz"):
        (shelf / name).mkdir()
        (shelf / f"{name}.json").write_text("{}")
    made = _json("backup", shelf, "--keep", "1", "--data", data)["name"]
    assert sorted(file.stem for file in shelf.glob("*.json")) == ["0notes", made, ahead, "zz"]
    assert _run("backup", "verify", shelf, "--name", made, "--data", data).returncode == 0


def test_an_older_one_that_cannot_be_read_stays_and_is_told(data: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    (shelf / "2020-01-01T00-00-00Z").mkdir(parents=True)
    (shelf / "2020-01-01T00-00-00Z.json").write_text("{}")
    ran = _run("backup", shelf, "--keep", "1", "--data", data)
    assert ran.returncode == 1
    assert "was made; an older one stays: 2020-01-01T00-00-00Z.json" in ran.stderr
    assert len(list(shelf.glob("*.json"))) == 2
