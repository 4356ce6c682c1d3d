"""Durable work: claimed under a lease, put off, given up, handed on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rtcstack.domain.job import Job, JobKind
from rtcstack.errors import Invalid, PartUnavailable, RtcError
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import jobs
from rtcstack.services.jobs import JobLoop, Lease, NotYet
from tests.unit.services.conftest import World
from tests.unit.services.library.conftest import ready


class _Work:
    """Does what the test says, then finishes the job."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.attempts: list[int] = []
        self.given_up: list[RtcError] = []
        self.act: Callable[[], Awaitable[None]] | None = None

    async def run(self, job: Job, lease: Lease) -> None:
        del lease
        self.attempts.append(job.attempts)
        if self.act is not None:
            await self.act()
        await self._finish(job)

    async def give_up(self, job: Job, error: RtcError) -> None:
        self.given_up.append(error)
        await self._finish(job)

    async def _finish(self, job: Job) -> None:
        async with self._world.db.transaction() as tx:
            assert await jobs.finish(tx, job, self._world.clock.now_ms())


def _fail(error: Exception) -> Callable[[], Awaitable[None]]:
    async def act() -> None:
        raise error

    return act


@pytest.fixture
async def work(world: World) -> _Work:
    recording = await ready(world)
    async with world.db.transaction() as tx:
        await jobs.add(tx, "job_1", JobKind.MOVE, recording.id, world.clock.now_ms())
    return _Work(world)


def _loop(world: World, work: _Work, max_attempts: int | None = None) -> JobLoop:
    return JobLoop(world.db, world.clock, JobKind.MOVE, work, max_attempts=max_attempts)


async def test_what_is_not_there_yet_is_looked_at_again_and_counts_for_nothing(
    world: World, work: _Work
) -> None:
    loop = _loop(world, work, max_attempts=2)
    work.act = _fail(NotYet("not as far", again_in_s=30))
    for _ in range(5):
        assert await loop.run_next()
        world.clock.advance(29)
        assert not await loop.run_next()
        world.clock.advance(2)
    work.act = None
    assert await loop.run_next()
    assert (set(work.attempts), work.given_up) == ({0}, [])


@pytest.mark.parametrize("error", [PartUnavailable("down", part="minio"), KeyError("unforeseen")])
async def test_trouble_is_tried_again_so_many_times(world: World, work: _Work, error: Exception) -> None:
    loop = _loop(world, work, max_attempts=3)
    work.act = _fail(error)
    for _ in range(3):
        assert await loop.run_next()
        world.clock.advance(301)
    assert not await loop.run_next()
    assert work.attempts == [0, 1, 2]
    assert len(work.given_up) == 1


async def test_what_cannot_be_done_is_given_up_at_once(world: World, work: _Work) -> None:
    work.act = _fail(Invalid("no such range"))
    assert await _loop(world, work).run_next()
    assert [error.message for error in work.given_up] == ["no such range"]


async def test_a_process_that_ends_hands_its_job_on_at_once(world: World, work: _Work) -> None:
    begun = asyncio.Event()

    async def hang() -> None:
        begun.set()
        await asyncio.Event().wait()

    work.act = hang
    running = asyncio.create_task(_loop(world, work).run_next())
    async with asyncio.timeout(5):
        await begun.wait()
    assert not await _loop(world, work).run_next()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    work.act = None
    assert await _loop(world, work).run_next()


class _Failing:
    """The database, of which so many transactions fail."""

    def __init__(self, db: Database, failures: int) -> None:
        self._db, self.failures = db, failures

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        if self.failures:
            self.failures -= 1
            raise PartUnavailable("The database failed: disk I/O error", part="database")
        async with self._db.transaction() as tx:
            yield tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


async def test_a_lease_is_renewed_on_although_the_database_failed_meanwhile(
    world: World, work: _Work
) -> None:
    assert work.attempts == []
    now_ms = world.clock.now_ms()
    async with world.db.transaction() as tx:
        job = await jobs.claim(tx, JobKind.MOVE, now_ms, now_ms + 20_000)
    assert job is not None
    failing = _Failing(world.db, 3)
    world.clock.advance(15)
    async with asyncio.timeout(60), Lease(failing, world.clock, job).kept(every_s=0.001):
        while not await world.count(f"jobs WHERE lease_until_ms = {now_ms + 35_000}"):
            await asyncio.sleep(0.001)
    assert failing.failures == 0


async def test_what_a_job_waits_for_may_hurry_it(world: World, work: _Work) -> None:
    work.act = _fail(NotYet("not as far", again_in_s=600))
    assert await _loop(world, work).run_next()
    [row] = await world.db.all("SELECT recording_id FROM jobs WHERE id = 'job_1'")
    async with world.db.transaction() as tx:
        await jobs.hurry(tx, row["recording_id"], JobKind.MOVE, world.clock.now_ms())
    work.act = None
    assert await _loop(world, work).run_next()
