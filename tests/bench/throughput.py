"""Requests a second that the API answers on one core, and the CPU time that each of them costs it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Figure, of
from tests.bench.processes import cpu_s, pid_of
from tests.support.appliance import Appliance

_TIMES, _RUN_S, _CONNECTIONS = 3, 8, 32
_WANTED_RPS, _P99_MS = 1500, 50


@dataclass(frozen=True)
class _Run:
    rps: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """Of the API, by request."""


def pin(pid: int, cores: set[int]) -> None:
    """Keep a process on those cores; each thread has a set of its own."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)


def _run(api: int, url: str, key: str, core: int) -> _Run:
    words = (url, key, str(_RUN_S), str(_CONNECTIONS), str(core))
    before_s = cpu_s(api)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", *words], capture_output=True, text=True, check=True
    )
    used_s, told = cpu_s(api) - before_s, json.loads(ran.stdout)
    asked = told["requests"]
    return _Run(asked / _RUN_S, told["p50_ms"], told["p99_ms"], used_s * 1000 / asked)


def measure(appliance: Appliance, path: str, name: str) -> list[Figure]:
    """Ask for one path, the API on the machine's first core, whoever asks on its last one."""
    api = pid_of(appliance.status(), "api")
    cores = os.sched_getaffinity(0)
    pin(api, {min(cores)})
    try:
        runs = [_run(api, appliance.url + path, appliance.api_key, max(cores)) for _ in range(_TIMES)]
    finally:
        pin(api, cores)
    on_one = f"{name}, {_CONNECTIONS} connections, the API on one core"
    wanted = f"wanted at least {_WANTED_RPS}"
    return [
        of(f"requests a second of {on_one}", [r.rps for r in runs], "/s", beside=wanted),
        of("50th percentile of their latency", [r.p50_ms for r in runs], "ms"),
        of("99th percentile of their latency", [r.p99_ms for r in runs], "ms", target=_P99_MS),
        of("CPU time of the API by request", [r.cpu_ms for r in runs], "ms"),
    ]
