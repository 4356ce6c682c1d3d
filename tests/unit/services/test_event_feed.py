"""Events to be pulled, and to be forgotten."""

import pytest

from rtcstack.domain.event import Event
from rtcstack.errors import Invalid
from rtcstack.repositories import outbox
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.outgoing import put, states

_DAY_S = 24 * 3600
_AHEAD = 600
_FILL = f"""WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {_AHEAD})
    INSERT INTO outbox (id, tenant_id, event, room_id, body, created_at_ms)
    SELECT printf('evt_%08d', i), 'default', 'egress_ended', 'r', '{{}}', :now_ms FROM n"""


async def _pull(
    world: World, *, after: str | None = None, limit: int = 2, kinds: tuple[str, ...] = ()
) -> list[str]:
    """Return the ids of all pages from there on."""
    ids: list[str] = []
    while True:
        page = await world.event_feed.page(TENANT, after=after, kinds=kinds, limit=limit)
        ids += [event.id for event in page.events]
        after = page.after
        if not page.has_more:
            return ids


async def test_pages_hold_every_event_once_in_order_also_those_that_come_meanwhile(world: World) -> None:
    events = [await put(world) for _ in range(5)]
    await put(world, tenant_id="acme")
    assert await _pull(world) == events
    first = await world.event_feed.page(TENANT, after=None, kinds=(), limit=3)
    events.append(await put(world))
    assert await _pull(world, after=first.after) == events[3:]
    end = await world.event_feed.page(TENANT, after=events[-1], kinds=(), limit=3)
    assert (end.events, end.after, end.has_more) == ([], events[-1], False)


async def test_an_id_of_an_earlier_time_hides_no_event(world: World) -> None:
    """A process whose clock is behind, or was set back, makes ids that sort before those that are there."""
    first = await put(world)
    async with world.db.transaction() as tx:
        await outbox.put(tx, Event("evt_00", TENANT, "egress_ended", "r", "{}", 1))
    last = await put(world)
    for kinds in ((), ("egress_ended",)):
        assert await _pull(world, limit=1, kinds=kinds) == [first, "evt_00", last]
        assert await _pull(world, after=first, limit=1, kinds=kinds) == ["evt_00", last]
        assert await _pull(world, after="evt_00", kinds=kinds) == [last]


async def test_kinds_leave_out_the_others(world: World) -> None:
    ended, closed = await put(world), await put(world, "hall.closed")
    joined = await put(world, "participant.joined")
    again = await put(world)
    assert await _pull(world, kinds=("egress_ended",)) == [ended, again]
    assert await _pull(world, kinds=("egress_ended", "hall.closed"), limit=1) == [ended, closed, again]
    assert await _pull(world, kinds=("participant.joined",), after=ended) == [joined]
    with pytest.raises(Invalid, match="egress_endet") as refused:
        await _pull(world, kinds=("egress_endet",))
    assert refused.value.details["field"] == "types"


async def test_a_place_that_is_unknown_anothers_or_forgotten_is_refused(world: World) -> None:
    for after in ("x", "", "evt_none", await put(world, tenant_id="acme")):
        with pytest.raises(Invalid) as refused:
            await _pull(world, after=after)
        assert refused.value.word == "invalid_cursor"


async def test_events_are_forgotten_after_their_time_with_their_deliveries(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, "https://a.example/")
    old = await put(world)
    world.clock.advance(29 * _DAY_S)
    young = await put(world)
    assert not await world.event_purge.run_once()
    assert await _pull(world) == [old, young]
    world.clock.advance(1.5 * _DAY_S)
    await world.webhooks.delete(TENANT, endpoint.id)
    await world.event_purge.run_once()
    assert await _pull(world) == [young]
    assert await states(world) == ["failed"]
    assert await world.count("webhook_endpoints") == 1
    with pytest.raises(Invalid):
        await _pull(world, after=old)
    world.clock.advance(30 * _DAY_S)
    await world.event_purge.run_once()
    assert await world.count("webhook_endpoints") == await world.count("outbox") == 0


async def test_events_of_a_clock_that_was_ahead_keep_no_others_from_being_forgotten(world: World) -> None:
    begun_ms = world.clock.now_ms()
    world.clock.at_ms += 365 * _DAY_S * 1000
    async with world.db.transaction() as tx:
        await tx.execute(_FILL, now_ms=world.clock.now_ms())
    world.clock.at_ms = begun_ms
    await put(world)
    world.clock.advance(31 * _DAY_S)
    young = await put(world)
    assert not await world.event_purge.run_once()
    assert await world.count("outbox") == _AHEAD + 1
    [row] = await world.db.all("SELECT id FROM outbox ORDER BY seq DESC LIMIT 1")
    assert row["id"] == young
    world.clock.advance(365 * _DAY_S)
    while await world.event_purge.run_once():
        pass
    assert await world.count("outbox") == 0


async def test_a_number_is_never_given_twice(world: World) -> None:
    """Else whoever pulls would take a new event for one that it has."""
    await put(world)
    world.clock.advance(40 * _DAY_S)
    await world.event_purge.run_once()
    assert await world.count("outbox") == 0
    await put(world)
    [row] = await world.db.all("SELECT seq FROM outbox")
    assert row["seq"] == 2


async def test_the_secret_before_is_forgotten_when_its_day_is_over(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, "https://a.example/")
    await world.webhooks.rotate(TENANT, endpoint.id)
    for seconds, is_there in ((_DAY_S - 1, True), (1, False)):
        world.clock.advance(seconds)
        await world.event_purge.run_once()
        assert ((await world.webhooks.get(TENANT, endpoint.id)).old_secret is not None) is is_there
