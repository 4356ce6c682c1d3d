"""The wait before the API is stopped, on a database laid out as the application's."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtcstack.appliance import drain

_SCHEMA = """
CREATE TABLE recordings (state TEXT);
CREATE TABLE inbox (processed_at_ms INTEGER);
CREATE TABLE deliveries (state TEXT, due_at_ms INTEGER);
"""
_LATER = 4_000_000_000_000


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "rtcstack.db"


@pytest.fixture
def connection(database: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(_SCHEMA)
    yield connection
    connection.close()


def test_nothing_is_open_without_a_database(database: Path) -> None:
    assert drain.open_work(database) == {}


def test_a_table_that_is_not_there_has_nothing_in_it(database: Path, connection: sqlite3.Connection) -> None:
    connection.executescript("DROP TABLE inbox; DROP TABLE deliveries")
    connection.execute("INSERT INTO recordings VALUES ('stopping')")
    assert drain.open_work(database) == {"recordings not finished": 1}


def test_what_is_done_or_not_due_is_not_open(database: Path, connection: sqlite3.Connection) -> None:
    connection.executescript(
        f"""INSERT INTO recordings VALUES ('ready'), ('failed'), ('queued'), ('archived');
        INSERT INTO inbox VALUES (1);
        INSERT INTO deliveries VALUES ('delivered', 1), ('dead', 1), ('pending', {_LATER})"""
    )
    assert drain.open_work(database) == {}


@pytest.mark.parametrize("state", ["starting", "recording", "paused", "stopping", "processing"])
def test_a_recording_under_way_is_open(database: Path, connection: sqlite3.Connection, state: str) -> None:
    connection.execute("INSERT INTO recordings VALUES (?)", (state,))
    assert drain.open_work(database) == {"recordings not finished": 1}


def test_it_waits_until_all_is_delivered(database: Path, connection: sqlite3.Connection) -> None:
    connection.executescript("INSERT INTO inbox VALUES (NULL); INSERT INTO deliveries VALUES ('pending', 1)")
    done: list[bool] = []
    waiting = threading.Thread(
        target=lambda: done.append(drain.wait(database, lambda: True, lambda _text: None, timeout_s=20))
    )
    waiting.start()
    connection.execute("UPDATE inbox SET processed_at_ms = 1")
    time.sleep(3 * 0.1)
    assert waiting.is_alive()
    connection.execute("UPDATE deliveries SET state = 'delivered'")
    waiting.join(timeout=10)
    assert done == [True]


@pytest.mark.parametrize("why", ["timeout", "no api", "hurry"])
def test_it_gives_up_and_says_what_is_left(database: Path, connection: sqlite3.Connection, why: str) -> None:
    connection.execute("INSERT INTO inbox VALUES (NULL)")
    hurry, said = threading.Event(), list[str]()
    if why == "hurry":
        hurry.set()
    timeout_s = 0.1 if why == "timeout" else 20.0
    assert not drain.wait(database, lambda: why != "no api", said.append, hurry, timeout_s)
    assert said == ["left for the next start: 1 events not taken in"]
