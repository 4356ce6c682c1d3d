"""The services on a real SQLite file, with LiveKit, store and receivers in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rtcstack.adapters.crypto.sealer import AesGcmSealer
from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.assembly import Ports, Services
from rtcstack.domain.recording import Recording
from rtcstack.repositories import recordings, tenants
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.settings import load
from rtcstack.settings.plans import load_plans
from tests.fakes.clock import ManualClock
from tests.fakes.fleet import FakeFleet
from tests.fakes.livekit import FakeLiveKit
from tests.fakes.sender import FakeSender
from tests.fakes.storage import FakeStorage

TENANT = "default"


@dataclass
class World:
    db: SqliteDatabase
    spool: Path
    clock: ManualClock
    livekit: FakeLiveKit
    storage: FakeStorage
    sender: FakeSender
    fleet: FakeFleet
    environ: dict[str, str] = field(default_factory=dict)
    """Settings other than these tests' usual ones."""

    def __post_init__(self) -> None:
        self.settings = load(
            {
                "RTCSTACK_STORAGE__BUCKET": "recordings",
                "RTCSTACK_ROOMS__START_TIMEOUT_S": "2",
                "RTCSTACK_WEBHOOKS__MAX_ENDPOINTS": "3",
                "RTCSTACK_EGRESS__MIN_FREE_BYTES": "0",
                **self.environ,
            },
            data=self.spool,
        )
        ports = Ports(
            self.db, self.livekit, self.storage, self.sender, self.fleet, AesGcmSealer("k"), self.clock
        )
        self.services = Services(self.settings, ports, load_plans())

    def __getattr__(self, name: str) -> Any:
        """Offer every service by its name."""
        return getattr(self.services, name)

    @property
    def start(self) -> RecordingStart:
        return self.services.recording_start

    @property
    def stop(self) -> RecordingStop:
        return self.services.recording_stop

    async def started(self, room_id: str = "room-abc") -> Recording:
        """Return a recording that has just begun, in a room of its own."""
        await self.rooms.create(TENANT, room_id=room_id, name=None, max_participants=None, metadata={})
        return await self.start.start(TENANT, room_id, CompositeOptions())

    async def recording(self, recording_id: str) -> Recording:
        found = await recordings.find(self.db, recording_id)
        assert found is not None
        return found

    async def deliver(self) -> bool:
        """Deliver what is due and wait for the answers; return whether anything was."""
        began = await self.services.outbox.deliver_due()
        await self.services.outbox.drain()
        return began

    async def told(self, event: str = "egress_ended") -> int:
        """Return how many events of that name customers are told."""
        row = await self.db.find("SELECT count(*) AS n FROM outbox WHERE event = :event", event=event)
        assert row is not None
        return int(row["n"])

    async def count(self, table: str) -> int:
        row = await self.db.find(f"SELECT count(*) AS n FROM {table}")
        assert row is not None
        return int(row["n"])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    migrate(tmp_path / "x.db")
    db = SqliteDatabase(tmp_path / "x.db")
    await db.open()
    async with db.transaction() as tx:
        await tenants.add_tenant(tx, TENANT, "self-hosted", 1)
    yield World(db, tmp_path, ManualClock(), FakeLiveKit(), FakeStorage(), FakeSender(), FakeFleet())
    await db.close()
