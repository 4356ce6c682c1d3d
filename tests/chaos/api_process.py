"""`rtcstack serve` as a process to be killed and started again on the same data folder; its database can be asked."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

import httpx

from rtcstack.settings import Settings
from tests.chaos.waiting import BOUND_S, until
from tests.support.ports import free_port
from tests.support.serving import environment_of

_START_S = 300
"""It is two seconds of computing; where twenty others want the two cores as well, a minute and more."""


class ApiProcess:
    """`key` is an admin key of the tenant `default`; what it says goes to `log`.

    `environ` is for settings of the test's own, `through` for what stands before the command.
    """

    def __init__(self, settings: Settings, key: str) -> None:
        self.settings, self.port = settings, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = settings.data / "api.log"
        self.environ: dict[str, str] = {}
        self.through: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None
        headers = {"authorization": f"Bearer {key}"}
        self.http = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30, verify=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Return once it answers."""
        self._spawn()
        await until(self._is_up, f"rtcstack serve answers:\n{self.log.read_text()[-3000:]}", _START_S)

    def _spawn(self) -> None:
        argv = [*self.through, sys.executable, "-m", "rtcstack", "serve", "--data", str(self.settings.data)]
        environment = environment_of(self.settings, self.port) | self.environ
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(argv, env=environment, stdout=out, stderr=out)

    async def _is_up(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"rtcstack serve ended:\n{self.log.read_text()[-3000:]}"
        try:
            return (await self.http.get("/healthz")).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    async def terminate(self) -> int:
        """Send SIGTERM; return the exit status."""
        assert self._process is not None
        self._process.terminate()
        return await asyncio.to_thread(self._process.wait, BOUND_S)

    async def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        await self.http.aclose()

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict((await self.http.post(path, json=body)).raise_for_status().json())

    async def get(self, path: str) -> Any:
        return (await self.http.get(path)).raise_for_status().json()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Read from the database, past the API."""
        with closing(sqlite3.connect(self.settings.database_path, timeout=30)) as connection:
            return connection.execute(sql).fetchall()

    def count(self, sql: str) -> int:
        return int(self.ask(f"SELECT count(*) FROM {sql}")[0][0])

    async def is_settled(self) -> bool:
        """Whether every event of LiveKit's is applied and every webhook that can be is delivered."""
        waiting = self.count("inbox WHERE processed_at_ms IS NULL")
        return not waiting and not self.count("deliveries WHERE state = 'pending'")
