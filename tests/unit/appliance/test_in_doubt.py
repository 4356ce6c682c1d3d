"""What `rtcstack status` says of recordings whose verification found something."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rtcstack.adapters.sql.migrate import migrate
from rtcstack.appliance.in_doubt import InDoubt, in_doubt

_ADD = """INSERT INTO recordings (id, tenant_id, room_id, kind, state, bucket, object_key, options, started_at_ms,
    verify_error, deleted_at_ms) VALUES (?, 'default', 'r', 'composite', 'ready', 'b', ?, '{}', ?, ?, ?)"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "rtcstack.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO tenants (id, plan, created_at_ms) VALUES ('default', 'free', 1)")
        connection.execute(
            "INSERT INTO rooms (tenant_id, id, name, created_at_ms) VALUES ('default', 'r', 'r', 1)"
        )
        connection.execute(_ADD, ("rec_fine", "fine", 1, None, None))
        connection.execute(_ADD, ("rec_gone", "gone", 1, "it has no audio", 2))
        connection.commit()
    return path


def _add(database: Path, count: int) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for n in range(count):
            connection.execute(_ADD, (f"rec_{n}", f"key-{n}", n, "it has no audio", None))
        connection.commit()


def test_nothing_is_said_where_all_is_well(database: Path, tmp_path: Path) -> None:
    assert in_doubt(database).sentences() == in_doubt(tmp_path / "none.db").sentences() == []


def test_what_is_no_database_of_ours_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "torn.db").write_bytes(b"torn" * 1000)
    assert in_doubt(tmp_path / "torn.db") == InDoubt(0, ())


def test_the_newest_are_named_with_what_did_not_agree(database: Path) -> None:
    _add(database, 1)
    assert in_doubt(database).sentences() == [
        "Recordings that are not known to be what was recorded: 1.",
        "  rec_0 (default): it has no audio",
    ]


def test_of_many_the_first_few_are_named(database: Path) -> None:
    _add(database, 7)
    sentences = in_doubt(database).sentences()
    assert sentences[0].endswith(": 7.")
    assert [s.split()[0] for s in sentences[1:]] == ["rec_6", "rec_5", "rec_4", "rec_3", "rec_2", "…"]
