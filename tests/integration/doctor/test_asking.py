"""What others' clocks say, over real connections."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rtcstack.adapters.sql.migrate import migrate
from rtcstack.bootstrap_doctor import open_scene
from rtcstack.doctor.asking import Answer, ask
from rtcstack.doctor.checks import clock
from rtcstack.settings import load
from tests.support.environment import free_environment

_HOUR_S = 3600.0
_NEAR_S = 30.0
"""What a busy machine may take for an answer."""
_STORAGE = """INSERT INTO storages (id, tenant_id, endpoint, region, bucket, access_key_id, secret, may_read, may_delete,
    checked_at_ms, created_at_ms, updated_at_ms) VALUES ('s', 't', ?, 'r', 'b', 'k', 's', 1, 1, 0, 0, 0)"""

Serve = Callable[[float], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve 403 from a machine whose clock is ahead by so many seconds; return its address."""
    servers: list[ThreadingHTTPServer] = []

    def begin(ahead_s: float) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response_only(403)
                self.send_header("Date", formatdate(time.time() + ahead_s, usegmt=True))
                self.send_header("Content-Length", "0")
                self.end_headers()

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("ahead_s", [0.0, _HOUR_S, -_HOUR_S])
async def test_how_far_a_clock_is_ahead_is_read_from_the_answer(serve: Serve, ahead_s: float) -> None:
    answer = await ask(serve(ahead_s))
    assert (answer.status, answer.is_ok) == (403, False)
    assert answer.ahead_s is not None
    assert abs(answer.ahead_s - ahead_s) < _NEAR_S


async def test_a_part_that_seemed_off_is_asked_once_more(serve: Serve, tmp_path: Path) -> None:
    """A busy machine had dated its answer late."""
    environ = free_environment()
    scene = await open_scene(load(environ, data=tmp_path), environ, ())
    late = Answer(serve(0.0), 200, -2.4)
    facts = await clock.look(replace(scene, is_apart=True, answers={"api": late}))
    assert abs(facts.parts["api"]) < abs(-2.4)


async def test_nobody_there_is_told_in_words(unused_tcp_port: int) -> None:
    answer = await ask(f"http://127.0.0.1:{unused_tcp_port}/")
    assert answer.status is None
    assert answer.error.startswith("cannot be reached: ")


async def test_a_tenants_own_store_is_asked_for_its_time(serve: Serve, tmp_path: Path) -> None:
    migrate(tmp_path / "rtcstack.db")
    with closing(sqlite3.connect(tmp_path / "rtcstack.db")) as db:
        db.execute("INSERT INTO tenants (id, plan, created_at_ms) VALUES ('t', 'free', 0)")
        db.execute(_STORAGE, (serve(-_HOUR_S),))
        db.commit()
    environ = free_environment()
    scene = await open_scene(load(environ, data=tmp_path), environ, ())
    clocks = await scene.outside.store_clocks()
    assert clocks.keys() == {"127.0.0.1"}
    assert abs(clocks["127.0.0.1"] + _HOUR_S) < _NEAR_S
