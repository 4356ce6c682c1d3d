"""A database with one tenant, and a clock: what data keys need."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.repositories import tenants
from tests.fakes.clock import ManualClock
from tests.support.database import put_database

TENANT = "default"


@dataclass
class Vessel:
    db: SqliteDatabase
    path: Path
    clock: ManualClock

    async def count(self, table: str) -> int:
        [row] = await self.db.all(f"SELECT count(*) AS n FROM {table}")
        return int(row["n"])


@pytest.fixture
async def vessel(tmp_path: Path) -> AsyncIterator[Vessel]:
    path = tmp_path / "x.db"
    put_database(path)
    db = SqliteDatabase(path, synchronous="NORMAL")
    try:
        await db.open()
        async with db.transaction() as tx:
            await tenants.add_tenant(tx, TENANT, "self-hosted", 1)
        yield Vessel(db, path, ManualClock())
    finally:
        await db.close()
