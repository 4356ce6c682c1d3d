"""The services on a real SQLite file, with LiveKit, store and receivers in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rtcstack.adapters.crypto.worker_calls import SecretWorkerCalls
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
from tests.fakes.media import FakeMedia
from tests.fakes.moderation import FakeModerator, FakeRoomView
from tests.fakes.opener import FakeOpener
from tests.fakes.sender import FakeSender
from tests.fakes.storage import FakeStorage
from tests.support.database import put_database
from tests.support.sealing import sealer_for

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
    media: FakeMedia = field(default_factory=FakeMedia)
    opener: FakeOpener = field(default_factory=FakeOpener)
    moderator: FakeModerator = field(default_factory=FakeModerator)
    room_view: FakeRoomView = field(default_factory=FakeRoomView)
    environ: dict[str, str] = field(default_factory=dict)
    """Settings other than these tests' usual ones."""

    def __post_init__(self) -> None:
        self.settings = load(
            {
                "RTCSTACK_STORAGE__BUCKET": "recordings",
                "RTCSTACK_ROOMS__START_TIMEOUT_S": "2",
                "RTCSTACK_ROOMS__FIRST_FRAME_TIMEOUT_S": "0.001",
                "RTCSTACK_WEBHOOKS__MAX_ENDPOINTS": "3",
                "RTCSTACK_EGRESS__MIN_FREE_BYTES": "0",
                **self.environ,
            },
            data=self.spool,
        )
        self.ports = ports = Ports(
            self.db,
            self.livekit,
            self.storage,
            self.sender,
            self.fleet,
            sealer_for(self.db, self.clock),
            self.clock,
            media=self.media,
            opener=self.opener,
            worker_calls=SecretWorkerCalls("APIfake", "a secret of the tests that is long enough"),
            moderator=self.moderator,
            room_view=self.room_view,
        )
        self.fleet.livekit = self.livekit
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
    put_database(tmp_path / "x.db")
    db = SqliteDatabase(tmp_path / "x.db", synchronous="OFF")  # nobody cuts the power here
    try:
        await db.open()
        async with db.transaction() as tx:
            await tenants.add_tenant(tx, TENANT, "self-hosted", 1)
        yield World(db, tmp_path, ManualClock(), FakeLiveKit(), FakeStorage(), FakeSender(), FakeFleet())
    finally:
        await db.close()  # an open connection keeps the process alive, also when a world cannot be made
