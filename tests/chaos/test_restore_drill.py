"""Promise 24, the drill: a machine is lost at once, its backup is restored into an empty folder, the answers are the same."""

import itertools
import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.appliance import Appliance

pytestmark = [pytest.mark.chaos, pytest.mark.alone, pytest.mark.appliance]
_WRITERS = 3
_HALLS = "SELECT name FROM rooms WHERE name LIKE 'meanwhile-%'"
_TOLD = "SELECT json_extract(body, '$.data.name') FROM outbox WHERE event = 'hall.created'"
_QUEUED = """SELECT told FROM (SELECT json_extract(o.body, '$.data.name') AS told FROM deliveries d
    JOIN outbox o ON o.id = d.outbox_id WHERE d.endpoint_id = :endpoint) WHERE told LIKE 'meanwhile-%'"""
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


def _answers(appliance: Appliance, key: str, hall_id: str) -> dict[str, Any]:
    appliance._api_key = key
    paths = (
        "/v1/rooms/drill",
        "/v1/rooms/drill/recordings",
        f"/v1/halls/{hall_id}",
        "/api/v1/recordings",
        "/v1/webhooks",
    )
    found = {path: appliance.call("GET", path) for path in paths}
    assert {status for status, _ in found.values()} == {200}, found
    return {path: _without_links(body) for path, (_, body) in found.items()}


def _made(appliance: Appliance, path: str, body: dict[str, Any]) -> dict[str, Any]:
    status, answer = appliance.call("POST", path, body)
    assert status == 201, answer
    return dict(answer)


def _use(appliance: Appliance) -> tuple[str, str]:
    """Leave a bit of everything: a room, a hall, endpoints, and the self-check's recording. Return the ids of the hall, and of
    an endpoint for which all that is told of halls waits.
    """
    _made(appliance, "/v1/rooms", {"roomId": "drill"})
    hall = _made(appliance, "/v1/halls", {"name": "Drill"})
    url = f"{appliance.url}/nothing-here"
    _made(appliance, "/v1/webhooks", {"url": url, "events": ["egress_ended"]})
    waiting = _made(appliance, "/v1/webhooks", {"url": url, "events": ["hall.created"]})
    assert appliance.call("PATCH", f"/v1/webhooks/{waiting['id']}", {"paused": True})[0] == 200
    ran = appliance.command("demo", "--seconds", "3")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return hall["hall_id"], waiting["id"]


@contextmanager
def _reading(appliance: Appliance) -> Iterator[None]:
    with closing(sqlite3.connect(appliance.settings.database_path, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute(_HALLS).fetchall()
        yield


@contextmanager
def _writing(appliance: Appliance) -> Iterator[list[list[str]]]:
    """Make halls all the while; yield the names of those that were answered for, in their order, by writer."""
    made, is_over = [list[str]() for _ in range(_WRITERS)], threading.Event()

    def write(writer: int) -> None:
        for n in itertools.count():
            if is_over.is_set():
                return
            name = f"meanwhile-{writer}-{n}"
            _made(appliance, "/v1/halls", {"name": name})
            made[writer].append(name)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(_WRITERS)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        is_over.set()
        for thread in threads:
            thread.join(60)


def _until_each_has_made(made: list[list[str]]) -> None:
    deadline = time.monotonic() + 60
    while not all(made):
        assert time.monotonic() < deadline, "halls are made"
        time.sleep(0.01)


def _kept(appliance: Appliance, sql: str, **params: str) -> set[str]:
    with closing(sqlite3.connect(appliance.settings.database_path)) as db:
        return {name for (name,) in db.execute(sql, params)}


def _is_one_instant(kept: set[str], made: list[list[str]]) -> bool:
    """Say whether, of what each writer made, all is there up to a moment and nothing after it."""
    return all(
        {name for name in kept if name.startswith(f"meanwhile-{n}-")}
        == {f"meanwhile-{n}-{i}" for i in range(sum(name.startswith(f"meanwhile-{n}-") for name in kept))}
        for n in range(len(made))
    )


def test_24_a_lost_machine_is_restored(new_appliance: Callable[..., Appliance], tmp_path: Path) -> None:
    """Mechanisms: `VACUUM INTO` takes one instant while others write; the manifest, written last, makes a backup.

    Somebody reads all the while: until then, what is written stays in the database's log and does not come into its file.
    """
    lost = new_appliance()
    lost.start()
    key = lost.api_key
    hall_id, waiting_id = _use(lost)
    before = _answers(lost, key, hall_id)
    with _reading(lost), _writing(lost) as made:
        _until_each_has_made(made)
        early = {name for names in made for name in names}
        took = lost.command("backup", str(tmp_path / "shelf"), "--with-secrets", "--json")
        late = {name for names in made for name in names}
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
    kept = _kept(found, _HALLS)
    assert early <= kept < {name for names in made for name in names}, "as it was while it was made"
    assert early < late, "others wrote meanwhile"
    assert _is_one_instant(kept, made)
    assert _kept(found, _TOLD) - {"Drill"} == kept == _kept(found, _QUEUED, endpoint=waiting_id)
    found.start()
    assert _answers(found, key, hall_id) == before
    again = found.command("backup", "verify", str(tmp_path / "shelf"), "--objects", "--json")
    assert again.returncode == 1, "the objects were lost with the machine, and that is told"
    assert len(json.loads(again.stdout)["lost"]) == listed
