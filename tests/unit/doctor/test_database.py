"""Databases that are whole, damaged, too new, or sealed under a key that is not here."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rtcstack.adapters.sql.examine import examine
from rtcstack.adapters.sql.migrate import count_scripts, migrate
from rtcstack.bootstrap_doctor import open_scene
from rtcstack.doctor.checks import database
from rtcstack.doctor.finding import Level
from rtcstack.ports.doctor import DatabaseState
from rtcstack.settings import load
from tests.unit.doctor.conftest import FakeOutside, MakeScene


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "rtcstack.db"
    migrate(made)
    return made


async def _levels(make_scene: MakeScene, state: DatabaseState | None) -> dict[str, list[Level]]:
    scene = make_scene(outside=FakeOutside(database=state))
    facts = await database.look(scene)
    return {name: [v.level for v in check(scene, facts)] for name, check in database.FAMILY.checks.items()}


async def test_a_new_database_is_whole(make_scene: MakeScene, path: Path) -> None:
    state, keys = examine(path)
    assert (state.faults, state.applied, state.waiting, keys) == ((), count_scripts(), 0, frozenset())
    assert await _levels(make_scene, state) == {
        "integrity": [Level.OK],
        "schema": [Level.OK],
        "key": [Level.OK],
    }
    assert await _levels(make_scene, None) == {"integrity": [Level.OK], "schema": [], "key": []}


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 12] = b"\xff" * 4096 * 9
    path.write_bytes(content)


async def test_a_damaged_database_is_told_and_nothing_else_of_it(make_scene: MakeScene, path: Path) -> None:
    _damage(path)
    state, _ = examine(path)
    assert state.faults
    assert await _levels(make_scene, state) == {"integrity": [Level.ERROR], "schema": [], "key": []}
    scene = make_scene(outside=FakeOutside(database=state))
    [verdict] = database.integrity(scene, state)
    moved = scene.settings.database_path
    assert f" && mv {moved}* {moved.with_name('damaged')}/\n" in verdict.cure, "and nothing else of the data"


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "rtcstack.db"
    file.write_text("these are notes" * 1000)
    state, _ = examine(file)
    assert "file is not a database" in state.faults[0]


async def test_a_newer_schema_is_told(make_scene: MakeScene, path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO schema_migrations VALUES (9999, '9999_future.sql', 'x')")
        db.commit()
    state, _ = examine(path)
    assert "written by a newer version" in state.schema_fault
    assert await _levels(make_scene, state) == {"integrity": [Level.OK], "schema": [Level.ERROR], "key": []}


async def test_an_older_schema_waits_for_the_next_start(make_scene: MakeScene, path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM schema_migrations WHERE number = 9")
        db.commit()
    state, _ = examine(path)
    assert state.waiting == 1
    assert (await _levels(make_scene, state))["schema"] == [Level.OK]


async def test_a_database_too_large_for_the_time_is_a_warning(make_scene: MakeScene, path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE much (text TEXT)")
        db.executemany("INSERT INTO much VALUES (?)", (("x" * 4000,) for _ in range(5000)))
        db.commit()
    state, _ = examine(path, within_s=0)
    assert not state.is_checked_whole
    assert (await _levels(make_scene, state))["integrity"] == [Level.WARNING]


async def test_a_key_that_is_not_here_is_told(make_scene: MakeScene, tmp_path: Path) -> None:
    data = tmp_path / "data"
    migrate(data / "rtcstack.db")
    with closing(sqlite3.connect(data / "rtcstack.db")) as db:
        db.execute("INSERT INTO tenants (id, plan, created_at_ms) VALUES ('t', 'free', 0)")
        db.execute("INSERT INTO data_keys VALUES ('k', 't', 'w', 'appliance:a136c9f7', 0)")
        db.commit()
    scene = await open_scene(load({}, data=data), {}, ())
    state = await scene.outside.database()
    assert state is not None
    assert "a136c9f7" in state.key_fault
    assert (await _levels(make_scene, state))["key"] == [Level.ERROR]
