"""Endpoints that fail: tried on a schedule, left in peace, found again, given up."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from rtcstack.domain.delivery import Attempt
from rtcstack.domain.webhook import EventName
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.outgoing import next_try, put, states

_URL = "https://customer.example/hook"
_DOWN = Attempt(None, "", "ClientConnectorError: refused", 1)
_DAY_S = 24 * 3600


class _Downtime:
    """A sender whose endpoint fails until it is `up`; notes when it was tried."""

    def __init__(self, world: World) -> None:
        self._world, self.up, self.tried_ms = world, False, list[int]()
        self.ids: list[str] = []

    async def post(self, _url: str, _body: bytes, headers: Mapping[str, str]) -> Attempt:
        self.tried_ms.append(self._world.clock.now_ms())
        self.ids.append(headers["webhook-id"])
        return Attempt(200, "ok", None, 1) if self.up else _DOWN


def _down(world: World) -> _Downtime:
    sender = _Downtime(world)
    world.outbox._courier._sender = sender
    return sender


async def _passing(world: World, seconds: float) -> AsyncIterator[float]:
    """Deliver once a second; yield how long it has been."""
    for second in range(round(seconds)):
        while await world.deliver():
            pass
        yield second
        world.clock.advance(1)


async def test_one_event_is_tried_for_three_days_and_then_given_up(world: World) -> None:
    sender = _down(world)
    await world.webhooks.create(TENANT, _URL)
    await put(world)
    begun_ms = world.clock.now_ms()
    while await states(world) == ["pending"]:
        assert await world.deliver()
        if await states(world) == ["pending"]:
            await next_try(world)
    assert await states(world) == ["failed"]
    assert 72 * 3600 <= (sender.tried_ms[-1] - begun_ms) / 1000 <= 72 * 3600 + 400
    assert sum(1 for at_ms in sender.tried_ms if at_ms - begun_ms <= 120_000) >= 20
    assert len(set(sender.ids)) == 1
    [endpoint] = await world.webhooks.list(TENANT)
    assert endpoint.disabled_at_ms is None


async def test_everything_arrives_within_ten_seconds_of_the_receivers_return(world: World) -> None:
    sender = _down(world)
    await world.webhooks.create(TENANT, _URL)
    events = set()
    async for second in _passing(world, 60):
        events.add(await put(world))
        tried = sum(1 for at_ms in sender.tried_ms if at_ms > world.clock.now_ms() - 10_000)
        assert second < 10 or 2 <= tried <= 12  # it is looked at every few seconds, and not for every event
    sender.up, sender.ids = True, []
    async for _ in _passing(world, 10):
        pass
    assert set(sender.ids) == events
    assert len(sender.ids) == len(events)
    assert set(await states(world)) == {"delivered"}


async def test_after_hours_a_return_is_noticed_within_minutes_while_events_come(world: World) -> None:
    sender = _down(world)
    await world.webhooks.create(TENANT, _URL)
    for _ in range(6 * 60):
        await put(world)
        await world.deliver()
        world.clock.advance(60)
    assert len(sender.tried_ms) < 200
    sender.up = True
    for _ in range(7):
        await put(world)
        while await world.deliver():
            pass
        world.clock.advance(60)
    assert set(await states(world)) == {"delivered"}


async def test_an_event_that_the_receiver_cannot_take_is_not_tried_more_often_for_the_others(
    world: World,
) -> None:
    """A success of another event does not hurry it: only what waited out an outage is."""
    await world.webhooks.create(TENANT, _URL)
    bad, tries = await put(world), 0

    class _Choosy:
        async def post(self, _url: str, _body: bytes, headers: Mapping[str, str]) -> Attempt:
            nonlocal tries
            is_bad = headers["webhook-id"] == bad
            tries += is_bad
            return Attempt(500 if is_bad else 200, "", None, 1)

    world.outbox._courier._sender = _Choosy()
    async for _ in _passing(world, 120):
        await put(world)
    await world.deliver()
    assert tries <= 60
    assert (await states(world)).count("pending") == 1


async def test_after_five_days_of_failures_it_is_disabled_with_a_notice(world: World) -> None:
    _down(world)
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    for _ in range(5 * 24 + 12):
        await put(world)
        await world.deliver()
        world.clock.advance(3600)
    disabled = await world.webhooks.get(TENANT, endpoint.id)
    assert disabled.disabled_reason == "every try failed for five days"
    assert set(await states(world)) == {"failed"}
    page = await world.event_feed.page(TENANT, after=None, kinds=[EventName.WEBHOOK_DISABLED], limit=100)
    [notice] = page.events
    assert endpoint.id in notice.body
    count = await world.count("deliveries")
    await put(world)
    assert await world.count("deliveries") == count  # nothing waits for it any more


async def test_another_endpoint_hears_that_one_was_disabled(world: World) -> None:
    world.sender.answers = [Attempt(410, "gone", None, 1)]
    await world.webhooks.create(TENANT, f"{_URL}?token=s3cret", ["egress_ended"])
    await world.webhooks.create(TENANT, _URL + "/2", ["webhook.disabled"])
    await put(world)
    await world.deliver()
    await world.deliver()
    assert [url for url, _, _ in world.sender.posts] == [f"{_URL}?token=s3cret", _URL + "/2"]
    notice = world.sender.posts[-1][1]
    assert b'"reason":"the endpoint answered 410 Gone"' in notice
    assert b'"url":"https://customer.example"' in notice
    assert b"s3cret" not in notice


async def test_retry_after_holds_everything_for_the_endpoint(world: World) -> None:
    world.sender.answers = [Attempt(429, "", None, 1, retry_after_s=120)]
    await world.webhooks.create(TENANT, _URL)
    await put(world)
    await world.deliver()
    await put(world)
    world.clock.advance(119)
    assert not await world.deliver()
    world.clock.advance(2)
    assert await world.deliver()
    assert await states(world) == ["delivered", "delivered"]


async def test_retry_after_holds_although_others_that_were_under_way_are_taken(world: World) -> None:
    world.sender.answers = [Attempt(429, "", None, 1, retry_after_s=120), Attempt(200, "", None, 1)]
    await world.webhooks.create(TENANT, _URL)
    await put(world)
    await put(world)
    await world.deliver()
    assert sorted(await states(world)) == ["delivered", "pending"]
    await put(world)
    world.clock.advance(119)
    assert not await world.deliver()
    world.clock.advance(2)
    assert await world.deliver()
    assert await states(world) == ["delivered"] * 3


async def test_while_it_is_down_it_gets_one_try_at_a_time(world: World) -> None:
    sender = _down(world)
    await world.webhooks.create(TENANT, _URL)
    for _ in range(50):
        await put(world)
    async for _ in _passing(world, 30):
        pass
    by_instant = [sender.tried_ms.count(at_ms) for at_ms in sorted(set(sender.tried_ms))]
    assert max(by_instant[2:]) == 1
    [row] = await world.db.all("SELECT count(*) AS n FROM deliveries WHERE attempts = 0")
    assert row["n"] > 20  # what is not tried does not use up its schedule


async def test_many_endpoints_that_hang_leave_places_for_the_others(world: World) -> None:
    for n in range(40):
        await world.access.create_key(f"t{n}")
        await world.webhooks.create(f"t{n}", f"{_URL}/{n}")
        world.sender.hang(f"{_URL}/{n}")
        for _ in range(10):
            await put(world, tenant_id=f"t{n}")
        await world.outbox.deliver_due()
        await world.sender.reached(f"{_URL}/{n}")
    under_way = [url for url, _, _ in world.sender.posts]
    assert len(set(under_way)) == 40
    assert max(map(under_way.count, set(under_way))) == 8
    assert len(under_way) < 128 + 8 + 40
    await world.webhooks.create(TENANT, _URL)
    for sent in range(5):
        await put(world)
        async with asyncio.timeout(5):  # one at a time: the one before has to be done
            while [url for url, _, _ in world.sender.posts].count(_URL) == sent:
                await world.outbox.deliver_due()
                await asyncio.sleep(0)
    world.sender.release()
    await world.outbox.drain()
