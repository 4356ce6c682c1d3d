"""Promise 22: a sealed secret is found nowhere in plain text: database, its log, the process's log, tracebacks."""

import base64
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rtcstack.adapters.sql.migrate import migrate
from tests.support.environment import outer_environment

_SECRETS = ("CANARY_s3cr3t-of-the-first-row", "CANARY_s3cr3t-of-the-second-row")
_KEY = "CANARY_appliance-key"
_FORMS = (
    b"CANARY_s3cr3t",
    b"CANARY_appliance",
    base64.b64encode(b"CANARY_s3cr3t-of-")[:-4],
    b"CANARY_s3cr3t".hex().encode(),
)


def _found(content: bytes) -> list[bytes]:
    return [form for form in _FORMS if form in content]


@pytest.mark.parametrize("style", ["json", "console"])
def test_the_canary_is_found_nowhere(tmp_path: Path, style: str) -> None:
    data = tmp_path / "data"
    migrate(data / "rtcstack.db")
    argv = [sys.executable, "-m", "tests.support.sealing_trouble", str(data), style, _KEY, *_SECRETS]
    # A second connection keeps the database's log from being folded in and deleted.
    with closing(sqlite3.connect(data / "rtcstack.db")) as connection:
        assert connection.execute("SELECT count(*) FROM tenants").fetchone() == (0,)
        ran = subprocess.run(argv, env=outer_environment(), capture_output=True, timeout=240, check=False)
        assert ran.returncode == 1
        assert ran.stderr.count(b"Traceback (most recent call last)") > 6
        assert b"A sealed secret does not open at its place" in ran.stderr
        assert _found(ran.stdout + ran.stderr) == []
        files = {file.name: file.read_bytes() for file in data.rglob("*") if file.is_file()}
        assert len(files["rtcstack.db-wal"]) > 0
        assert b"v2.dk_" in files["rtcstack.db-wal"] + files["rtcstack.db"]
        assert {name: _found(content) for name, content in files.items() if _found(content)} == {}
