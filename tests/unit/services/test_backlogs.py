"""Much that waits for one endpoint: hurried, begun anew or given up bit by bit, and nothing of it forgotten."""

import asyncio

from rtcstack.domain.delivery import Attempt
from rtcstack.domain.webhook import EndpointStatus
from rtcstack.repositories import deliveries, webhooks
from rtcstack.repositories.deliveries import BATCH
from rtcstack.services.backlogs import Backlogs
from rtcstack.services.webhooks import WebhookChange
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.outgoing import put

_URL = "https://customer.example/hook"
_MANY = 2 * BATCH + 500
_HOUR_MS = 3600 * 1000
_DAY_MS = 24 * _HOUR_MS
_FILL = """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)
    INSERT INTO outbox (id, tenant_id, event, room_id, body, created_at_ms)
    SELECT printf('evt_%08d', i), 'default', 'egress_ended', 'r', '{}', :now_ms FROM n"""
_QUEUE = """INSERT INTO deliveries (outbox_id, endpoint_id, due_at_ms, queued_at_ms, updated_at_ms)
    SELECT id, :endpoint_id, :due_at_ms, :now_ms, :now_ms FROM outbox"""


async def _with_many(world: World, due_in_ms: int) -> str:
    """Return an endpoint for which many deliveries wait."""
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    now_ms = world.clock.now_ms()
    async with world.db.transaction() as tx:
        await tx.execute(_FILL, many=_MANY, now_ms=now_ms)
        await tx.execute(_QUEUE, endpoint_id=endpoint.id, now_ms=now_ms, due_at_ms=now_ms + due_in_ms)
    return str(endpoint.id)


async def _due(world: World) -> int:
    return await world.count(f"deliveries WHERE state = 'pending' AND due_at_ms <= {world.clock.now_ms()}")


async def _pending(world: World) -> int:
    return await world.count("deliveries WHERE state = 'pending'")


async def _rounds(world: World) -> int:
    """Do what is left as the next process would; return how often there was more."""
    backlogs, rounds = Backlogs(world.db, world.clock), 0
    while await backlogs.run_once():
        rounds += 1
    return rounds


async def test_after_an_outage_all_goes_although_not_all_is_made_due_at_once(world: World) -> None:
    endpoint_id = await _with_many(world, _HOUR_MS)
    async with world.db.transaction() as tx:
        health = webhooks.health_of(await world.webhooks.get(TENANT, endpoint_id))
        for _ in range(5):
            health = health.after_failure(world.clock.now_ms(), None, world.outbox._rng)
        await webhooks.note_health(tx, endpoint_id, health)
    world.clock.advance(60)
    await put(world)
    assert await world.deliver()  # the one that is taken
    assert await _due(world) == BATCH
    assert await _rounds(world) == 1
    assert await _due(world) == await _pending(world) == _MANY
    assert await webhooks.list_hurried(world.db) == []


async def test_what_was_tried_meanwhile_keeps_its_own_pace(world: World) -> None:
    endpoint_id = await _with_many(world, _HOUR_MS)
    now_ms = world.clock.now_ms()
    async with world.db.transaction() as tx:
        await webhooks.note_hurried(tx, endpoint_id, now_ms)
        await tx.execute(
            f"UPDATE deliveries SET updated_at_ms = {now_ms + 1} WHERE outbox_id <= 'evt_00000007'"
        )
    world.clock.advance(1)
    await _rounds(world)
    assert await _due(world) == _MANY - 7


async def test_after_a_pause_of_days_none_of_it_counts_as_old(world: World) -> None:
    endpoint_id = await _with_many(world, _HOUR_MS)
    await world.webhooks.change(TENANT, endpoint_id, WebhookChange(paused=True))
    world.clock.advance(4 * 24 * 3600)
    await world.webhooks.change(TENANT, endpoint_id, WebhookChange(paused=False))
    [endpoint] = await deliveries.due_endpoints(world.db, world.clock.now_ms())
    now_ms = world.clock.now_ms()
    async with world.db.transaction() as tx:
        claimed = await deliveries.claim(tx, endpoint, now_ms, now_ms + 1, _MANY)
    assert len(claimed) == _MANY
    assert {delivery.queued_at_ms for delivery in claimed} == {now_ms}


async def test_what_waits_for_a_deleted_endpoint_is_given_up_bit_by_bit_and_never_sent(world: World) -> None:
    endpoint_id = await _with_many(world, 0)
    await world.webhooks.delete(TENANT, endpoint_id)
    assert await _pending(world) == _MANY - BATCH
    assert not await world.deliver()
    assert await _rounds(world) == 1
    rows = await world.db.all("SELECT DISTINCT state, error FROM deliveries")
    assert [tuple(row) for row in rows] == [("failed", "the endpoint was deleted")]


async def test_nothing_is_claimed_for_an_endpoint_that_was_paused_or_deleted_since_it_was_looked_up(
    world: World,
) -> None:
    endpoint_id = await _with_many(world, 0)
    now_ms = world.clock.now_ms()
    [endpoint] = await deliveries.due_endpoints(world.db, now_ms)
    await world.webhooks.change(TENANT, endpoint_id, WebhookChange(paused=True))
    async with world.db.transaction() as tx:
        assert await deliveries.claim(tx, endpoint, now_ms, now_ms + 1, 8) == []
    await world.webhooks.delete(TENANT, endpoint_id)
    async with world.db.transaction() as tx:
        assert await deliveries.claim(tx, endpoint, now_ms, now_ms + 1, 8) == []


async def test_what_a_disabled_endpoint_missed_does_not_go_when_it_is_enabled_right_away(
    world: World,
) -> None:
    endpoint_id = await _with_many(world, 0)
    world.sender.answers = [Attempt(410, "", None, 1)]
    await world.deliver()
    assert (await world.webhooks.get(TENANT, endpoint_id)).status is EndpointStatus.DISABLED
    assert await _pending(world) > 0
    await world.webhooks.change(TENANT, endpoint_id, WebhookChange(paused=False))
    assert await _pending(world) == 0
    new = await put(world)
    world.sender.posts.clear()
    assert await world.deliver()
    assert [headers["webhook-id"] for _, _, headers in world.sender.posts] == [new]


async def test_a_test_event_of_a_disabled_endpoint_is_not_given_up_while_it_is_under_way(
    world: World,
) -> None:
    world.sender.answers = [Attempt(410, "", None, 1)]
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    await put(world)
    await world.deliver()
    world.sender.hang(_URL)
    asked = asyncio.create_task(world.webhook_deliveries.test(TENANT, endpoint.id))
    await world.sender.reached(_URL)
    await _rounds(world)
    world.sender.release()
    assert (await asked).state == "delivered"


async def test_nothing_is_given_up_of_one_that_was_enabled_meanwhile(world: World) -> None:
    """Another process may have seen it disabled a moment before."""
    endpoint_id = await _with_many(world, 0)
    async with world.db.transaction() as tx:
        assert not await deliveries.drop_pending(tx, endpoint_id, "It answered 410.", world.clock.now_ms())
    assert await _pending(world) == _MANY
