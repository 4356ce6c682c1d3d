"""A clock that is set back by minutes: nothing that is due waits for the same instant twice."""

from rtcstack.domain.delivery import Attempt
from rtcstack.domain.job import JobKind
from rtcstack.repositories import deliveries, inbox, jobs
from rtcstack.repositories.inbox import News
from rtcstack.services.backlogs import Backlogs
from rtcstack.services.clock_watch import ClockWatch
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import ready
from tests.unit.services.outgoing import put, states

_URL = "https://customer.example/hook"
_BACK_S = 600


async def _with_waiting(world: World) -> str:
    """Leave a delivery that failed, one that a process died over, a job and an event that were put off; return the endpoint."""
    world.sender.answers = [Attempt(503, "", None, 1)]
    endpoint, _ = await world.webhooks.create(TENANT, _URL, ["hall.created"])
    await put(world, "hall.created")
    await world.deliver()
    await put(world, "hall.created")
    recording, now_ms = await ready(world), world.clock.now_ms()
    async with world.db.transaction() as tx:
        await deliveries.claim(tx, endpoint, now_ms, now_ms + 25_000, 1)
        await jobs.add(tx, "job_1", JobKind.MOVE, recording.id, now_ms)
        job = await jobs.claim(tx, JobKind.MOVE, now_ms, now_ms + 20_000)
        assert job is not None
        await jobs.put_off(tx, job, now_ms + 300_000, "down", now_ms)
        [_] = await inbox.add_all(tx, [News("f", "room_started", "{}", now_ms)])
        await inbox.retry(tx, 1, now_ms + 300_000, "down")
    return str(endpoint.id)


async def _due_in_s(world: World, table: str, column: str = "due_at_ms", where: str = "1 = 1") -> list[float]:
    rows = await world.db.all(f"SELECT {column} AS at_ms FROM {table} WHERE {where} AND {column} IS NOT NULL")
    return [(row["at_ms"] - world.clock.now_ms()) / 1000 for row in rows]


async def test_what_waits_goes_on_by_the_new_time(world: World) -> None:
    await _with_waiting(world)
    watch = ClockWatch(world.db, world.clock)
    assert not await watch.run_once()
    world.clock.advance(-_BACK_S)
    assert await watch.run_once()
    assert not await watch.run_once()
    assert await _due_in_s(world, "jobs", where="id = 'job_1'") == [0]
    assert await _due_in_s(world, "inbox") == [0]
    assert await _due_in_s(world, "deliveries", "lease_until_ms") == [60]
    while await Backlogs(world.db, world.clock).run_once():
        pass
    assert await world.deliver()
    assert sorted(await states(world)) == ["delivered", "pending"]
    world.clock.advance(61)
    assert await world.deliver(), "what a process died over is taken up as its lease ends"
    assert await states(world) == ["delivered", "delivered"]


async def test_without_it_all_would_wait(world: World) -> None:
    await _with_waiting(world)
    world.clock.advance(-_BACK_S)
    world.clock.advance(61)
    assert not await world.deliver()


async def test_an_endpoint_is_left_alone_for_as_long_as_it_asked_for(world: World) -> None:
    world.sender.answers = [Attempt(429, "", None, 1, retry_after_s=120)]
    await world.webhooks.create(TENANT, _URL)
    await put(world)
    await world.deliver()
    watch = ClockWatch(world.db, world.clock)
    await watch.run_once()
    world.clock.advance(-_BACK_S)
    await watch.run_once()
    await Backlogs(world.db, world.clock).run_once()
    world.clock.advance(119)
    assert not await world.deliver()
    world.clock.advance(2)
    assert await world.deliver()


async def test_it_is_noticed_also_if_nobody_was_there_to_see_it(world: World) -> None:
    await _with_waiting(world)
    world.clock.advance(-_BACK_S)
    assert await ClockWatch(world.db, world.clock).run_once()
    assert await _due_in_s(world, "jobs", where="id = 'job_1'") == [0]


async def test_less_than_a_minute_is_borne_and_so_is_a_jump_ahead(world: World) -> None:
    await _with_waiting(world)
    watch = ClockWatch(world.db, world.clock)
    for seconds in (0, -59, 59, 3600):
        world.clock.advance(seconds)
        assert not await watch.run_once()
    assert await _due_in_s(world, "jobs", where="id = 'job_1'") == [300 - 3600]


async def test_a_delivery_that_may_take_longer_keeps_its_lease_for_as_long(world: World) -> None:
    await _with_waiting(world)
    watch = ClockWatch(world.db, world.clock, delivery_lease_ms=90_000)
    await watch.run_once()
    world.clock.advance(-_BACK_S)
    assert await watch.run_once()
    assert await _due_in_s(world, "deliveries", "lease_until_ms") == [90]
