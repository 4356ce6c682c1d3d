"""The services on a real SQLite file, with LiveKit, store and receivers in memory."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rtcstack.adapters.crypto.sealer import AesGcmSealer
from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.domain.recording import Recording
from rtcstack.repositories import recordings, tenants
from rtcstack.services.access import Access
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.inbox import Inbox
from rtcstack.services.outbox import Outbox
from rtcstack.services.preflight import Preflight
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.rooms import Rooms
from rtcstack.services.webhooks import Webhooks
from tests.fakes.clock import ManualClock
from tests.fakes.livekit import FakeLiveKit
from tests.fakes.sender import FakeSender
from tests.fakes.storage import FakeStorage

TENANT = "default"


async def _well() -> None:
    return


@dataclass
class World:
    db: SqliteDatabase
    spool: Path
    clock: ManualClock
    livekit: FakeLiveKit
    storage: FakeStorage
    sender: FakeSender

    def __post_init__(self) -> None:
        sealer, db, clock = AesGcmSealer("k"), self.db, self.clock
        self.events = Events(clock)
        self.egress_events = EgressEvents(clock, self.events)
        self.stop = RecordingStop(db, clock, self.livekit, timeout_s=2)
        self.rooms = Rooms(db, clock, self.livekit, self.stop)
        preflight = Preflight(dict.fromkeys(("redis", "minio", "egress"), _well), self.spool, 0)
        self.start = RecordingStart(
            db, clock, self.livekit, self.rooms, preflight, bucket="recordings", timeout_s=2
        )
        self.access = Access(db, clock)
        self.inbox = Inbox(db, clock, self.livekit, self.egress_events)
        self.finalize = Finalize(db, clock, self.storage, self.events)
        self.webhooks = Webhooks(db, clock, self.sender, sealer, max_endpoints=3)
        self.outbox = Outbox(db, clock, self.sender, sealer, random.Random(1))

    async def started(self, room_id: str = "room-abc") -> Recording:
        """Return a recording that has just begun, in a room of its own."""
        await self.rooms.create(TENANT, room_id=room_id, name=None, max_participants=None, metadata={})
        return await self.start.start(TENANT, room_id, CompositeOptions())

    async def recording(self, recording_id: str) -> Recording:
        found = await recordings.find(self.db, recording_id)
        assert found is not None
        return found

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
    yield World(db, tmp_path, ManualClock(), FakeLiveKit(), FakeStorage(), FakeSender())
    await db.close()
