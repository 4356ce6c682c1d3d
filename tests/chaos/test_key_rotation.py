"""Promise 23: `rtcstack sealing rotate` as a process that is killed again and again, while others read and write the same secrets."""

import asyncio
import itertools
import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from rtcstack.adapters.crypto.appliance_key import ApplianceKey
from rtcstack.adapters.crypto.sealer import EnvelopeSealer
from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.clock import SystemClock
from rtcstack.domain.sealing import V1, SealedText, place
from rtcstack.ports.database import Database
from tests.chaos.counts import Counts
from tests.support.environment import outer_environment
from tests.support.sealing import sealer_for

pytestmark = [pytest.mark.chaos, pytest.mark.alone]
_BOUND_S = 600
"""For ten thousand tenants on a machine that has other work."""
_OLD, _NEW = ApplianceKey("the old key"), ApplianceKey("the new key")
_ENVIRON = {"RTCSTACK_SEALING__KEY": "the new key", "RTCSTACK_SEALING__OLD_KEYS": '["the old key"]'}
_UNDER_OLD = f"SELECT count(*) FROM data_keys WHERE kek_id <> 'appliance:{_NEW.id}'"
_MADE = "SELECT count(*) FROM data_keys"


class Rotation:
    def __init__(self, data: Path) -> None:
        self.data = data

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        argv = [sys.executable, "-m", "rtcstack", "sealing", *words, "--data", str(self.data)]
        env = outer_environment() | _ENVIRON
        with subprocess.Popen(
            argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def finish(self, *words: str) -> Any:
        with self.running(*words, "--json") as process:
            out, err = process.communicate(timeout=_BOUND_S)
        assert process.returncode == 0, err
        return json.loads(out)

    def ask(self, sql: str) -> int:
        with closing(sqlite3.connect(self.data / "rtcstack.db", timeout=30)) as connection:
            return int(connection.execute(sql).fetchone()[0])

    def kill_midway(self, sql: str, *words: str) -> None:
        """Kill it soon after what `sql` counts has begun to change."""
        before = self.ask(sql)
        deadline = time.monotonic() + _BOUND_S
        with self.running(*words) as process:
            while self.ask(sql) == before and process.poll() is None:
                assert time.monotonic() < deadline, "the rotation does not begin"
            assert process.poll() in (None, 0), process.communicate()[1]
            time.sleep(random.uniform(0, 0.02))


def _context(tenant: str) -> str:
    return place("webhook_endpoints", "secret", f"whk_{tenant}")


async def _fill(db: Database, tenants: int) -> None:
    """Give every tenant one endpoint; those of every tenth are sealed as releases before data keys did."""
    sealer = sealer_for(db, SystemClock(), "the old key")
    names = [f"t{n}" for n in range(tenants)]
    sealed = {name: await sealer.seal(name, f"secret of {name}", _context(name)) for name in names}
    for name in names[::10]:
        sealed[name] = str(
            SealedText(V1, _OLD.id, *_OLD.encrypt(f"secret of {name}".encode(), _context(name)))
        )
    async with db.transaction() as tx:
        for name, text in sealed.items():
            await tx.execute(
                "INSERT INTO tenants (id, plan, created_at_ms) VALUES (:name, 'free', 1)", name=name
            )
            await tx.execute(
                "INSERT INTO webhook_endpoints (id, tenant_id, url, secret, created_at_ms)"
                " VALUES ('whk_' || :name, :name, 'https://x', :text, 1)",
                name=name,
                text=text,
            )


class Secrets:
    """What each tenant's endpoint was given last; others read and change it while keys are rotated."""

    def __init__(self, db: Database, tenants: int) -> None:
        self._db = db
        self._latest = {f"t{n}": f"secret of t{n}" for n in range(tenants)}
        self._is_over = False

    async def check(self, sealer: EnvelopeSealer, tenant: str) -> None:
        [row] = await self._db.all(
            "SELECT secret FROM webhook_endpoints WHERE tenant_id = :tenant", tenant=tenant
        )
        assert await sealer.open(tenant, row["secret"], _context(tenant)) == self._latest[tenant]

    async def check_all(self, sealer: EnvelopeSealer) -> None:
        for tenant in self._latest:
            await self.check(sealer, tenant)

    async def _change(self, sealer: EnvelopeSealer, tenant: str, secret: str) -> None:
        text = await sealer.seal(tenant, secret, _context(tenant))
        async with self._db.transaction() as tx:
            await tx.execute(
                "UPDATE webhook_endpoints SET secret = :text WHERE tenant_id = :tenant",
                text=text,
                tenant=tenant,
            )
        self._latest[tenant] = secret

    async def _use(self) -> None:
        """Read secrets and set others, as the API does."""
        sealer = sealer_for(self._db, SystemClock(), "the new key", "the old key")
        for n in itertools.count():
            if self._is_over:
                return
            tenant = random.choice(list(self._latest))
            await self.check(sealer, tenant)
            await self._change(sealer, tenant, f"secret {n} of {tenant}")
            await asyncio.sleep(0.002)

    @asynccontextmanager
    async def in_use(self) -> AsyncIterator[None]:
        use = asyncio.create_task(self._use())
        try:
            yield
        finally:
            self._is_over = True
            await use


@pytest.fixture
async def db(tmp_path: Path, counts: Counts) -> AsyncIterator[SqliteDatabase]:
    migrate(tmp_path / "rtcstack.db")
    database = SqliteDatabase(tmp_path / "rtcstack.db", synchronous="NORMAL")
    try:
        await database.open()
        await _fill(database, counts.tenants)
        yield database
    finally:
        await database.close()


async def test_23_rotations_that_are_killed_are_taken_up_and_the_old_key_can_go(
    db: SqliteDatabase, tmp_path: Path, counts: Counts
) -> None:
    """Mechanism: each row is sealed anew by itself, only if it is still what was read; what is left is found again."""
    rotation, secrets = Rotation(tmp_path), Secrets(db, counts.tenants)
    async with secrets.in_use():
        for _ in range(counts.rotations_killed):
            await asyncio.to_thread(rotation.kill_midway, _UNDER_OLD, "rotate")
        await asyncio.to_thread(rotation.kill_midway, _MADE, "rotate", "--data-keys")
        done = await asyncio.to_thread(rotation.finish, "rotate", "--data-keys")
    assert done["failed"] == {}
    found = rotation.finish("status")
    assert [(use["kek_id"], use["texts"]) for use in found["uses"]] == [(f"appliance:{_NEW.id}", 0)]
    assert found["behind"] == 0
    assert found["current"] == f"appliance:{_NEW.id}"
    await secrets.check_all(sealer_for(db, SystemClock(), "the new key"))
