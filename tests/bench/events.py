"""Events in and out: how many of LiveKit's are taken durably, how many webhooks go out, and what callers feel meanwhile."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from rtcstack.ids import new_id
from tests.bench.figures import Figure, of
from tests.bench.processes import cpu_s, pid_of
from tests.bench.throughput import pin
from tests.support.appliance import Appliance
from tests.support.environment import outer_environment
from tests.support.ports import free_port

_TIMES, _RUN_S, _CONNECTIONS = 3, 5, 32
_WANTED_IN, _WANTED_OUT = 1000, 500
_BACKLOG, _WAIT_S = 10_000, 120
_PROBE_S, _P99_MS = 0.02, 100
_ROOM = "bench-events"
_STORED = "SELECT count(*) FROM inbox WHERE event IN ('track_published', 'participant_joined')"
_BODY = json.dumps(
    {
        "event": "egress_ended",
        "egressId": "EG_abc123",
        "roomId": _ROOM,
        "file": f"{_ROOM}/2024-04-21T10-00-00.mp4",
        "duration": 3600,
        "size": 512_000_000,
        "metadata": {"customer": "c" * 200},
    }
)


@dataclass(frozen=True)
class _Taken:
    rps: float
    p99_ms: float
    cpu_ms: float
    applied_s: float
    """How long after the last answer all of them were applied."""


def _rows(appliance: Appliance, sql: str) -> int:
    path = f"file:{appliance.settings.database_path}?mode=ro"
    connection = sqlite3.connect(path, uri=True)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


def _until(appliance: Appliance, sql: str, wanted: int) -> float:
    """Return how many seconds it took until the query counted what is wanted."""
    began = time.perf_counter()
    while (seen := _rows(appliance, sql)) != wanted:
        assert time.perf_counter() - began < _WAIT_S, f"{sql}: {seen} and not {wanted} after {_WAIT_S} s"
        time.sleep(0.02)
    return time.perf_counter() - began


def _taken(appliance: Appliance, api: int, core: int) -> _Taken:
    keys = appliance.settings.livekit
    environ = {"KEY": keys.api_key.get_secret_value(), "SECRET": keys.api_secret.get_secret_value()}
    words = (f"{appliance.url}/hooks/livekit", str(_RUN_S), str(_CONNECTIONS), str(core), _ROOM)
    kept, before_s = _rows(appliance, _STORED), cpu_s(api)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.inbound", *words],
        env={**outer_environment(), **environ},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    used_s, told = cpu_s(api) - before_s, json.loads(ran.stdout)
    assert _rows(appliance, _STORED) - kept == told["requests"], "200 and not stored"
    applied_s = _until(appliance, "SELECT count(*) FROM inbox WHERE processed_at_ms IS NULL", 0)
    n = told["requests"]
    return _Taken(n / _RUN_S, told["p99_ms"], used_s * 1000 / n, applied_s)


def _inbound(appliance: Appliance, api: int, core: int) -> list[Figure]:
    appliance.call("POST", "/v1/rooms", {"roomId": _ROOM})
    runs = [_taken(appliance, api, core) for _ in range(_TIMES)]
    return [
        of(
            f"LiveKit's events taken durably a second, {_CONNECTIONS} connections, the API on one core",
            [run.rps for run in runs],
            "/s",
            beside=f"wanted at least {_WANTED_IN}",
        ),
        of("99th percentile of their latency", [run.p99_ms for run in runs], "ms"),
        of(
            "CPU time of the API by event, applying included as far as it went",
            [r.cpu_ms for r in runs],
            "ms",
        ),
        of("until all of them were applied, after the last answer", [r.applied_s for r in runs], "s"),
    ]


@contextmanager
def _sink(core: int) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    port = free_port()
    sink = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.sink", str(port), str(core)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert sink.stdout is not None
        assert sink.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}/hook", sink
    finally:
        sink.kill()
        sink.wait()


def _queue(appliance: Appliance, endpoint_id: str) -> None:
    """Put a backlog for the endpoint, as the API itself would, in one go."""
    now_ms = time.time_ns() // 1_000_000
    ids = [new_id("evt", now_ms) for _ in range(_BACKLOG)]
    events = [(id_, "default", "egress_ended", _ROOM, _BODY, now_ms) for id_ in ids]
    connection = sqlite3.connect(appliance.settings.database_path, timeout=30)
    try:
        with connection:
            connection.executemany(
                "INSERT INTO outbox (id, tenant_id, event, room_id, body, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
                events,
            )
            connection.executemany(
                "INSERT INTO deliveries (outbox_id, endpoint_id, due_at_ms, queued_at_ms, updated_at_ms)"
                " VALUES (?, ?, ?, ?, ?)",
                [(id_, endpoint_id, now_ms, now_ms, now_ms) for id_ in ids],
            )
    finally:
        connection.close()


async def _probe(appliance: Appliance, done: asyncio.Event) -> list[float]:
    """Call the API at a steady rate until `done`; return how long each call took, from when it was due."""
    took: list[float] = []
    headers = {"authorization": f"Bearer {appliance.api_key}"}
    async with aiohttp.ClientSession(appliance.url, headers=headers) as session:

        async def call(due: float) -> None:
            async with session.get(f"/v1/rooms/{_ROOM}/recording") as answer:
                answer.raise_for_status()
                await answer.read()
            took.append((time.perf_counter() - due) * 1000)

        calls = []
        while not done.is_set():
            calls.append(asyncio.create_task(call(time.perf_counter())))
            await asyncio.sleep(_PROBE_S)
        await asyncio.gather(*calls)
    return took


async def _outbound_run(
    appliance: Appliance, api: int, core: int
) -> tuple[dict[str, Any], list[float], float]:
    with _sink(core) as (url, sink):
        _, webhook = appliance.call("POST", "/v1/webhooks", {"url": url})
        path = f"/v1/webhooks/{webhook['id']}"
        appliance.call("PATCH", path, {"paused": True})
        await asyncio.to_thread(_queue, appliance, webhook["id"])
        done, before_s = asyncio.Event(), cpu_s(api)
        probing = asyncio.create_task(_probe(appliance, done))
        appliance.call("PATCH", path, {"paused": False})
        pending = (
            f"SELECT count(*) FROM deliveries WHERE endpoint_id = '{webhook['id']}' AND state = 'pending'"
        )
        await asyncio.to_thread(_until, appliance, pending, 0)
        used_s = cpu_s(api) - before_s
        done.set()
        took = await probing
        appliance.call("DELETE", path)
        told = json.loads((await asyncio.to_thread(sink.communicate))[0])
    assert told["ids"] == _BACKLOG, told
    return told, took, used_s


async def _outbound(appliance: Appliance, api: int, core: int) -> list[Figure]:
    rates, p99s, cpus, twice = [], [], [], []
    for _ in range(_TIMES):
        told, took, used_s = await _outbound_run(appliance, api, core)
        rates.append(_BACKLOG / (told["last_s"] - told["first_s"]))
        p99s.append(sorted(took)[int(len(took) * 0.99)])
        cpus.append(used_s * 1000 / _BACKLOG)
        twice.append(told["posts"] - told["ids"])
    return [
        of(
            f"webhooks delivered a second, a backlog of {_BACKLOG} for one endpoint, the API on one core",
            rates,
            "/s",
            beside=f"wanted at least {_WANTED_OUT}",
        ),
        of("99th percentile of a GET meanwhile, 50 a second", p99s, "ms", target=_P99_MS),
        of("CPU time of the API by delivery, those GETs included", cpus, "ms"),
        of("deliveries that came twice", twice, ""),
    ]


async def measure(appliance: Appliance) -> list[Figure]:
    api = pid_of(appliance.status(), "api")
    cores = os.sched_getaffinity(0)
    pin(api, {min(cores)})
    try:
        found = await asyncio.to_thread(_inbound, appliance, api, max(cores))
        return found + await _outbound(appliance, api, max(cores))
    finally:
        pin(api, cores)
