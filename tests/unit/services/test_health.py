"""How the appliance is: what waits and for how long, whether the database takes writes, when it was backed up."""

import json

from rtcstack.domain.backup import NOTE
from rtcstack.domain.job import JobKind
from rtcstack.repositories import jobs
from rtcstack.services.health import Queue
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import ready

_INBOX = """INSERT INTO inbox (fingerprint, event, body, received_at_ms, due_at_ms)
    VALUES ('x', 'room_started', '{}', :at, :at)"""
_REFUSES = "CREATE TRIGGER refused BEFORE UPDATE ON write_check BEGIN SELECT RAISE(ABORT, 'not today'); END"


async def _queues(world: World) -> dict[str, Queue]:
    return {queue.name: queue for queue in (await world.health.queues()).queues}


async def test_a_queue_is_behind_once_its_oldest_waits_too_long(world: World) -> None:
    assert all((queue.waiting, queue.is_behind) == (0, False) for queue in (await _queues(world)).values())
    async with world.db.transaction() as tx:
        await tx.execute(_INBOX, at=world.clock.now_ms())
    world.clock.advance(29)
    inbox = (await _queues(world))["inbox"]
    assert (inbox.waiting, inbox.oldest_s, inbox.is_behind) == (1, 29, False)
    world.clock.advance(2)
    assert (await _queues(world))["inbox"].is_behind


async def test_jobs_are_told_by_their_kind_and_what_is_due_later_is_not_late(world: World) -> None:
    recording = await ready(world)
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE jobs SET state = 'done'")
        await jobs.add(tx, "job_1", JobKind.CLIP, recording.id, world.clock.now_ms() + 3_600_000)
    waits = (await _queues(world))[JobKind.CLIP]
    assert (waits.waiting, waits.running, waits.oldest_s) == (1, 0, 0)
    world.clock.advance(3600 + 901)
    assert (await _queues(world))[JobKind.CLIP].is_behind
    async with world.db.transaction() as tx:
        now_ms = world.clock.now_ms()
        assert await jobs.claim(tx, JobKind.CLIP, now_ms, now_ms + 60_000)
    assert (await _queues(world))[JobKind.CLIP].running == 1


async def test_endpoints_are_counted_by_how_they_are(world: World) -> None:
    made, _ = await world.webhooks.create(TENANT, "http://127.0.0.1:9/a", (), ())
    await world.webhooks.create(TENANT, "http://127.0.0.1:9/b", (), ())
    async with world.db.transaction() as tx:
        await tx.execute("UPDATE webhook_endpoints SET failures = 3 WHERE id = :id", id=made.id)
    found = await world.health.queues()
    assert found.endpoints == {"ok": 1, "failing": 1}
    assert (found.disagreements, found.checks_failing, found.uploads_waiting) == (0, 0, 0)


async def test_a_database_that_takes_no_writes_is_told(world: World) -> None:
    for _ in range(2):
        world.clock.advance(1)
        assert (await world.health.database()).failure is None
        written = await world.db.find("SELECT at_ms FROM write_check")
        assert written
        assert written["at_ms"] == world.clock.now_ms(), "what is written anew each time reaches the disk"
    async with world.db.transaction() as tx:
        await tx.execute(_REFUSES)
    failure = (await world.health.database()).failure
    assert failure is not None
    assert "not today" in failure.message


async def test_what_a_locked_database_does_not_take_in_time_is_told(world: World) -> None:
    async with world.db.transaction():
        failure = (await world.health.database()).failure
    assert failure is not None
    assert "2.5 s" in failure.message
    assert (await world.health.database()).failure is None


async def test_a_backup_is_known_by_the_note_that_it_leaves(world: World) -> None:
    note = world.spool / NOTE
    assert (await world.health.database()).backup_at_ms is None
    for text, at_ms in ((json.dumps({"created_at_ms": 5}), 5), ("{}", None), ("no json", None), ("[]", None)):
        note.write_text(text)
        assert (await world.health.database()).backup_at_ms == at_ms
