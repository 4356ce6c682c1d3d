"""`rtcstack reconcile --last` on a data folder: whatever it is read through, nothing of it is cut off."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.database import put_database
from tests.support.environment import outer_environment, settings_with_secrets

_AT_MS = 1_713_693_600_000
_AT = "2024-04-21T10:00:00.000Z"
_STORAGE, _RECORDING = "sto_01j9x2kp3n8fxrqk4m2b", "rec_01m8x2kp3n8fxrqk4m2b"
_KEY = "acme-with-a-long-name/a-room-with-quite-a-long-name-of-its-own/2024-04-21T09-00-00.mp4"
_ASKED = "asked for: its verification, which mends it from the spool if its file is there"
_FINDING = """INSERT INTO reconcile_findings (check_name, subject, kind, tenant_id, object_id, message, mended, found_at_ms,
    seen_at_ms, fence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder whose database has findings and repairs."""
    settings_with_secrets(outer_environment(), tmp_path)
    put_database(tmp_path / "rtcstack.db")
    check = f"bucket {_STORAGE}"
    with closing(sqlite3.connect(tmp_path / "rtcstack.db")) as db, db:
        db.execute(
            "INSERT INTO reconcile_checks (name, began_at_ms, ended_at_ms, seen, error) VALUES (?, ?, ?, 412, ?)",
            (check, _AT_MS, _AT_MS, "The key may not list [the bucket]."),
        )
        missing = (check, _KEY, "object_missing", "acme", _RECORDING, "It is not in the bucket.", _ASKED)
        unknown = (check, f"{_KEY}.2", "object_unknown", None, None, "Nothing here has recorded it.", None)
        db.executemany(_FINDING, [(*row, _AT_MS, _AT_MS) for row in (missing, unknown)])
        details = {"finding": "object_missing", "subject": _KEY, "found": "It is gone.", "repair": _ASKED}
        db.execute(
            "INSERT INTO audit_log (id, tenant_id, action, object_id, actor, at_ms, details)"
            " VALUES ('aud_1', 'acme', 'reconcile.repair', ?, 'system', unixepoch() * 1000, ?)",
            (_RECORDING, json.dumps(details)),
        )
    return tmp_path


@pytest.mark.parametrize("columns", ["20", "80"])
def test_ids_and_keys_are_whole_at_any_width(data: Path, columns: str) -> None:
    argv = [sys.executable, "-m", "rtcstack", "reconcile", "--last", "--data", str(data)]
    environment = {**outer_environment(), "COLUMNS": columns}
    ran = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    *lines, repair = ran.stdout.splitlines()
    assert lines == [
        f"bucket {_STORAGE}  {_AT}      412 seen  The key may not list [the bucket].",
        "Open, 2:",
        f"{_AT}  object_missing {_KEY} acme {_RECORDING}: It is not in the bucket. ({_ASKED})",
        f"{_AT}  object_unknown {_KEY}.2: Nothing here has recorded it. (left to people)",
        "Mended, or asked for, within the last day:",
    ]
    assert repair.endswith(f"Z  object_missing {_KEY}: {_ASKED}")


def test_a_folder_without_keys_for_livekit_is_told_in_words(tmp_path: Path) -> None:
    put_database(tmp_path / "rtcstack.db")
    argv = [sys.executable, "-m", "rtcstack", "reconcile", "--data", str(tmp_path)]
    ran = subprocess.run(
        argv, env=outer_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("There are no keys for LiveKit: set RTCSTACK_LIVEKIT__API_KEY")
