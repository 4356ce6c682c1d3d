"""What one has taken another may have taken since: whoever comes late changes nothing any more."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from livekit.protocol.webhook import WebhookEvent

from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.domain.webhook import Endpoint
from rtcstack.ports.database import Tx
from rtcstack.ports.livekit import LiveKitEvent
from rtcstack.repositories import deliveries
from rtcstack.repositories.deliveries import Delivery
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.outgoing import put
from tests.unit.services.test_inbox import _signed_body

_LEASE_MS = 1000
_PATIENCE_S = 20


@pytest.fixture
async def other(world: World, tmp_path: Path) -> AsyncIterator[World]:
    """Return another process's services on the same database."""
    db = SqliteDatabase(tmp_path / "x.db", synchronous="OFF")
    try:
        await db.open()
        yield World(db, world.spool, world.clock, world.livekit, world.storage, world.sender, world.fleet)
    finally:
        await db.close()


async def _claim(world: World, endpoint: Endpoint) -> Delivery | None:
    now_ms = world.clock.now_ms()
    async with world.db.transaction() as tx:
        claimed = await deliveries.claim(tx, endpoint, now_ms, now_ms + _LEASE_MS, 1)
    return claimed[0] if claimed else None


async def test_a_delivery_that_another_has_taken_over_is_not_let_go_by_the_first(
    world: World, other: World
) -> None:
    await world.webhooks.create(TENANT, "https://customer.example/hook")
    await put(world)
    [endpoint] = await deliveries.due_endpoints(world.db, world.clock.now_ms())
    first = await _claim(world, endpoint)
    assert first is not None
    world.clock.advance(_LEASE_MS / 1000 + 1)
    second = await _claim(other, endpoint)
    assert second is not None
    async with world.db.transaction() as tx:
        await deliveries.release(tx, first)
    assert await _claim(world, endpoint) is None, "the other is at it"
    async with other.db.transaction() as tx:
        await deliveries.release(tx, second)
    assert await _claim(world, endpoint) is not None


async def test_an_event_that_two_take_at_once_is_applied_by_one(
    world: World, other: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = WebhookEvent(event="room_started", id="EV_1")
    event.room.name = "room-abc"
    assert await world.inbox.take(*_signed_body(event))
    applied: list[str] = []
    barrier = asyncio.Barrier(2)
    for each in (world, other):
        monkeypatch.setattr(each.inbox, "_attendance", _Meeting(barrier, applied))
    took = await asyncio.gather(world.inbox.process_next(), other.inbox.process_next())
    assert (took, applied) == ([True, True], ["room_started"])
    assert not await other.inbox.process_next()


class _Meeting:
    """Goes on when both have the event in hand."""

    def __init__(self, barrier: asyncio.Barrier, applied: list[str]) -> None:
        self._barrier, self._applied = barrier, applied

    async def keep_hall(self, _reader: object, _event: object) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            await self._barrier.wait()

    async def apply(self, _tx: Tx, event: LiveKitEvent) -> None:
        self._applied.append(event.name)
