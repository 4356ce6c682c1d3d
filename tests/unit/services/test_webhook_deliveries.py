"""What became of deliveries, tests, and sending again."""

import asyncio
import json

import pytest

from rtcstack.domain.delivery import Attempt, DeliveryState
from rtcstack.errors import Conflict, EventNotFound, Invalid, RateLimited
from rtcstack.services.webhook_deliveries import Range, WebhookDeliveries
from rtcstack.services.webhooks import WebhookChange
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.outgoing import put, states

_URL = "https://customer.example/hook"
_REFUSED = Attempt(410, "gone", None, 1)


async def _all(
    world: World, endpoint_id: str, state: DeliveryState | None = None, limit: int = 2
) -> list[str]:
    """Return the events of all pages, newest first."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = await world.webhook_deliveries.page(
            TENANT, endpoint_id, state=state, cursor=cursor, limit=limit
        )
        assert len(page.deliveries) <= limit
        ids += [row.outbox_id for row in page.deliveries]
        if (cursor := page.cursor) is None:
            return ids


async def test_pages_hold_every_delivery_once_newest_first(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    other, _ = await world.webhooks.create(TENANT, _URL, ["hall.closed"])
    events = [await put(world) for _ in range(5)]
    world.sender.answers = [Attempt(500, "", None, 1)]
    await world.deliver()
    for limit in (1, 2, 5, 100):
        assert await _all(world, endpoint.id, limit=limit) == events[::-1]
    assert len(await _all(world, endpoint.id, DeliveryState.PENDING)) == 1
    assert len(await _all(world, endpoint.id, DeliveryState.DELIVERED)) == 4
    assert await _all(world, endpoint.id, DeliveryState.FAILED) == []
    assert await _all(world, other.id) == []


async def test_a_delivery_tells_what_was_sent_and_what_came_back(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    event_id = await put(world)
    world.sender.answers = [Attempt(503, "busy", "why", 41)]
    await world.deliver()
    page = await world.webhook_deliveries.page(TENANT, endpoint.id, state=None, cursor=None, limit=10)
    [row] = page.deliveries
    [(_, body, headers)] = world.sender.posts
    assert (row.outbox_id, row.state, row.attempts) == (event_id, "pending", 1)
    assert (row.status_code, row.response, row.error, row.duration_ms) == (503, "busy", "why", 41)
    assert (row.body.encode(), row.signature) == (body, headers["webhook-signature"])
    assert row.sent_at_ms == int(headers["webhook-timestamp"]) * 1000


async def test_a_cursor_that_is_none_is_refused(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    with pytest.raises(Invalid, match="next_cursor"):
        await world.webhook_deliveries.page(TENANT, endpoint.id, state=None, cursor="x", limit=10)


async def test_a_test_is_sent_once_whatever_the_endpoint_subscribes_to(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL, ["hall.closed"], ["r"])
    await world.webhooks.create(TENANT, _URL + "/other")
    done = await world.webhook_deliveries.test(TENANT, endpoint.id)
    [(url, body, headers)] = world.sender.posts
    told = json.loads(body)
    assert (url, told["event"], told["data"]) == (_URL, "webhook.test", {"webhook_id": endpoint.id})
    assert told["id"] == headers["webhook-id"] == done.outbox_id
    assert (done.state, done.status_code, done.attempts) == ("delivered", 200, 1)
    world.sender.answers = [Attempt(500, "oops", None, 3)]
    failed = await world.webhook_deliveries.test(TENANT, endpoint.id)
    assert (failed.state, failed.status_code, failed.response) == ("failed", 500, "oops")
    world.clock.advance(60)
    assert not await world.deliver()


async def test_five_tests_of_an_endpoint_wait_and_no_more(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    other, _ = await world.webhooks.create(TENANT, _URL + "/other")
    world.sender.hang(_URL)
    waiting = [asyncio.create_task(world.webhook_deliveries.test(TENANT, endpoint.id)) for _ in range(5)]
    for _ in waiting:
        await world.sender.reached(_URL)
    with pytest.raises(RateLimited, match="5 tests of this endpoint wait for its answer") as refused:
        await world.webhook_deliveries.test(TENANT, endpoint.id)
    assert refused.value.retry_after_s == 5
    assert await world.told("webhook.test") == 5
    assert (await world.webhook_deliveries.test(TENANT, other.id)).state == "delivered"
    world.sender.release()
    assert {done.state for done in await asyncio.gather(*waiting)} == {"delivered"}
    assert (await world.webhook_deliveries.test(TENANT, endpoint.id)).state == "delivered"


async def test_tests_that_a_process_died_over_stop_no_others_for_long(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    world.sender.hang(_URL)
    waiting = [asyncio.create_task(world.webhook_deliveries.test(TENANT, endpoint.id)) for _ in range(5)]
    for _ in waiting:
        await world.sender.reached(_URL)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    world.sender.release()
    with pytest.raises(RateLimited):
        await world.webhook_deliveries.test(TENANT, endpoint.id)
    world.clock.advance(61)
    assert (await world.webhook_deliveries.test(TENANT, endpoint.id)).state == "delivered"


async def test_one_event_goes_again_under_its_id(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL, ["egress_ended"])
    event_id, unwanted = await put(world), await put(world, "hall.closed")
    await world.deliver()
    for again in (event_id, unwanted):
        assert (await world.webhook_deliveries.replay_one(TENANT, endpoint.id, again)).queued == 1
        assert await world.deliver()
    assert [headers["webhook-id"] for _, _, headers in world.sender.posts] == [event_id, event_id, unwanted]
    with pytest.raises(EventNotFound):
        await world.webhook_deliveries.replay_one(TENANT, endpoint.id, "evt_none")
    with pytest.raises(EventNotFound):
        await world.webhook_deliveries.replay_one(TENANT, endpoint.id, await put(world, tenant_id="acme"))


async def test_a_range_brings_what_a_disabled_endpoint_missed_and_nothing_twice(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL, ["egress_ended"])
    got = await put(world)
    await world.deliver()
    world.clock.advance(10)
    since_ms = world.clock.now_ms()
    world.sender.answers = [_REFUSED]
    refused = await put(world)
    await world.deliver()
    missed = [await put(world) for _ in range(3)]
    await put(world, "hall.closed")
    with pytest.raises(Conflict, match="410"):
        await world.webhook_deliveries.replay(TENANT, endpoint.id, Range(since_ms=since_ms))
    await world.webhooks.change(TENANT, endpoint.id, WebhookChange(paused=False))
    world.sender.posts.clear()
    done = await world.webhook_deliveries.replay(TENANT, endpoint.id, Range(since_ms=since_ms))
    assert (done.queued, done.after) == (4, None)
    await world.deliver()
    assert [headers["webhook-id"] for _, _, headers in world.sender.posts] == [refused, *missed]
    assert (await world.webhook_deliveries.replay(TENANT, endpoint.id, Range(since_ms=0))).queued == 0
    everything = Range(since_ms=0, with_delivered=True)
    assert (await world.webhook_deliveries.replay(TENANT, endpoint.id, everything)).queued == 5
    assert got in await _all(world, endpoint.id, DeliveryState.PENDING)


async def test_a_huge_range_is_done_in_calls_of_a_bounded_size(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL, ["hall.closed"])
    events = [await put(world) for _ in range(11)]
    await world.webhooks.change(TENANT, endpoint.id, WebhookChange(events=[]))
    service = world.services.webhook_deliveries
    bounded = WebhookDeliveries(
        world.db, world.clock, service._events, service._courier, service._results, most=4
    )
    queued, which = [], Range(since_ms=0)
    while True:
        done = await bounded.replay(TENANT, endpoint.id, which)
        queued.append(done.queued)
        if done.after is None:
            break
        which = Range(since_ms=0, after=done.after)
    assert queued == [4, 4, 3]
    assert sorted(await _all(world, endpoint.id)) == sorted(events)


async def test_a_range_that_cannot_be_is_refused(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    now_ms = world.clock.now_ms()
    for which in (Range(since_ms=now_ms + 1), Range(since_ms=5, until_ms=4)):
        with pytest.raises(Invalid, match="since"):
            await world.webhook_deliveries.replay(TENANT, endpoint.id, which)
    with pytest.raises(EventNotFound):
        await world.webhook_deliveries.replay(TENANT, endpoint.id, Range(after="evt_none"))


async def test_what_is_on_its_way_is_not_sent_twice_by_a_replay(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    event_id = await put(world)
    world.sender.hang(_URL)
    await world.outbox.deliver_due()
    await world.sender.reached(_URL)
    await world.webhook_deliveries.replay_one(TENANT, endpoint.id, event_id)
    assert not await world.outbox.deliver_due()
    world.sender.release()
    await world.outbox.drain()
    assert await states(world) == ["delivered"]
    assert len(world.sender.posts) == 1
