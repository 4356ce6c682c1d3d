"""What is read at each scrape, and what is counted of the events in the outbox."""

from dataclasses import replace

import pytest

from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.metrics.counted import REGISTRY
from rtcstack.services.events import Events
from tests.unit.services.conftest import TENANT, World


async def _read(world: World) -> dict[tuple[str, ...], float]:
    return {(r.name, *r.labels): r.value for r in await world.services.measures.read()}


def _counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"rtcstack_{name}_total", labels) or 0.0


async def _end(world: World, recording: Recording, reason: str | None) -> None:
    """Have the recording end, with a reason as a failed one, and told of."""
    async with world.db.transaction() as tx:
        state = RecordingState.FAILED if reason else RecordingState.READY
        await tx.execute(
            "UPDATE recordings SET state = :state, error_code = :reason WHERE id = :id",
            state=state,
            reason=reason,
            id=recording.id,
        )
        ended = replace(recording, state=state, error="It did not work." if reason else None)
        await Events(world.clock).recording_ended(tx, ended)


async def test_recordings_stand_under_their_states(world: World) -> None:
    assert (await _read(world))["recordings", "starting"] == 0
    await world.started()
    found = await _read(world)
    assert (found["recordings", "starting"], found["recordings", "ready"]) == (1, 0)
    assert (found["part_up", "redis"], found["egress_workers", "builtin"]) == (1, 1)
    assert found["egress_ended", "fake:/spool", "complete"] == 1


async def test_without_a_worker_the_page_says_so_and_has_the_rest(world: World) -> None:
    world.fleet.has_workers = False
    found = await _read(world)
    assert (found["part_up", "egress"], found["egress_workers", "builtin"]) == (0, 0)
    assert ("recordings", "ready") in found


async def test_what_waits_has_its_age(world: World) -> None:
    now_ms = world.clock.now_ms()
    async with world.db.transaction() as tx:
        await tx.execute(
            """INSERT INTO inbox (fingerprint, event, body, received_at_ms, due_at_ms)
            VALUES ('x', 'room_started', '{}', :at_ms, :at_ms)""",
            at_ms=now_ms - 5_000,
        )
        for state, sql in (("late", "NULL"), ("paused", "1")):
            await tx.execute(
                f"""INSERT INTO webhook_endpoints (id, tenant_id, url, secret, created_at_ms, paused_at_ms)
                VALUES (:id, :tenant, 'http://x', 's', 1, {sql})""",
                id=state,
                tenant=TENANT,
            )
            await tx.execute(
                """INSERT INTO outbox (id, tenant_id, event, body, created_at_ms)
                VALUES (:id, :tenant, 'hall.created', '{}', 1)""",
                id=state,
                tenant=TENANT,
            )
        for endpoint, due_ago_ms in (("late", 7_000), ("paused", 900_000)):
            await tx.execute(
                """INSERT INTO deliveries (outbox_id, endpoint_id, due_at_ms, updated_at_ms)
                VALUES (:id, :id, :due_at_ms, 1)""",
                id=endpoint,
                due_at_ms=now_ms - due_ago_ms,
            )
    found = await _read(world)
    assert (found["inbox_waiting",], found["inbox_oldest_seconds",]) == (1, 5)
    assert found["webhook_deliveries_pending",] == 2
    assert found["webhook_delivery_oldest_due_seconds",] == 7  # who is paused keeps nobody waiting
    assert (found["webhook_endpoints", "ok"], found["webhook_endpoints", "paused"]) == (1, 1)


async def test_jobs_stand_under_kind_and_state(world: World) -> None:
    recording = await world.started()
    now_ms = world.clock.now_ms()
    async with world.db.transaction() as tx:
        for n, lease_ms in enumerate((None, now_ms + 1000)):
            await tx.execute(
                """INSERT INTO jobs (id, kind, recording_id, due_at_ms, lease_until_ms, created_at_ms,
                updated_at_ms, subject_id) VALUES (:id, 'clip', :recording_id, :due_at_ms, :lease_ms, 1, 1, :id)""",
                id=f"job_{n}",
                recording_id=recording.id,
                due_at_ms=now_ms - 3_000 + n,
                lease_ms=lease_ms,
            )
    found = await _read(world)
    assert (found["jobs", "clip", "waiting"], found["jobs", "clip", "running"]) == (1, 1)
    assert found["job_oldest_due_seconds", "clip"] == 3


async def test_an_event_counts_once_and_only_when_it_is_committed(world: World) -> None:
    await world.services.measures.open()
    recording = await world.started()
    before = _counted("recordings_started"), _counted("events", event="recording.started")

    async def tell(*, fails: bool) -> None:
        async with world.db.transaction() as tx:
            await Events(world.clock).recording_started(tx, recording)
            if fails:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        await tell(fails=True)
    await tell(fails=False)
    for _ in range(2):
        await world.services.measures.read()
    after = _counted("recordings_started"), _counted("events", event="recording.started")
    assert after == (before[0] + 1, before[1] + 1)


async def test_what_ended_counts_by_outcome_and_what_failed_by_its_reason(world: World) -> None:
    await world.services.measures.open()
    names = [("recordings_ended", {"outcome": "complete"}), ("recordings_ended", {"outcome": "failed"})]
    names.append(("recordings_failed", {"reason": "object_missing"}))
    before = [_counted(name, **labels) for name, labels in names]
    await _end(world, await world.started("room-1"), None)
    await _end(world, await world.started("room-2"), "object_missing")
    await _end(world, await world.started("room-3"), "object_missing")
    await world.services.measures.read()
    after = [_counted(name, **labels) for name, labels in names]
    assert [a - b for a, b in zip(after, before, strict=True)] == [1, 2, 2]


async def test_what_was_told_before_the_start_does_not_count(world: World) -> None:
    await _end(world, await world.started("room-1"), None)
    await world.services.measures.open()
    before = _counted("recordings_ended", outcome="complete")
    await world.services.measures.read()
    assert _counted("recordings_ended", outcome="complete") == before
