"""What a bucket's own list and the recordings do not agree on."""

from dataclasses import replace
from typing import Any

import pytest

from rtcstack.domain.finding import FindingKind
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import PartUnavailable
from rtcstack.repositories import library
from rtcstack.services.reconcile.bucket import BucketCheck
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.reconcile.paging import look_at_all

_PATIENCE_S = 20


async def _recorded(
    world: World, nth: int = 0, state: RecordingState = RecordingState.READY, code: str = ""
) -> Recording:
    """Put a recording of 1000 bytes into database and bucket."""
    if await world.count("rooms") == 0:
        await world.rooms.create(TENANT, room_id="r", name=None, max_participants=None, metadata={})
    at_ms = 1_700_000_000_000 + nth * 1000
    recording = Recording(
        f"rec_{nth}", TENANT, "r", state, "recordings", f"r/2023-11-14T22-13-{20 + nth}.mp4", at_ms,
        size_bytes=1000, duration_ms=5000,
    )  # fmt: skip
    async with world.db.transaction() as tx:
        await library.add_found(tx, recording, None)
        sql = "UPDATE recordings SET error_code = :code, completed_at_ms = :at_ms WHERE id = :id"
        await tx.execute(sql, code=code, at_ms=at_ms, id=recording.id)
    world.storage.put(recording.object_key, 1000, _said(recording.id))
    return recording


def _said(recording_id: str, tenant: str = TENANT) -> dict[str, str]:
    return {
        "rtcstack-recording": recording_id,
        "rtcstack-tenant": tenant,
        "rtcstack-egress": f"EG_{recording_id.removeprefix('rec_')}",
        "rtcstack-video": "h264,1280x720,30",
        "rtcstack-duration-ms": "5000",
    }


async def _found(world: World) -> list[tuple[str, str]]:
    report = await world.reconciler.run_now(_PATIENCE_S)
    assert [check.error for check in report.checks if check.error] == []
    return [(open_.finding.kind, open_.finding.subject) for open_ in report.findings]


async def _jobs(world: World, kind: JobKind) -> int:
    rows = await world.db.all("SELECT 1 FROM jobs WHERE kind = :kind", kind=kind)
    return len(rows)


async def _repairs(world: World) -> list[dict[str, Any]]:
    report = await world.reconciler.report()
    return [dict(entry.details) for entry in report.repairs]


async def test_what_agrees_is_not_found(world: World) -> None:
    for nth in range(3):
        await _recorded(world, nth)
    world.storage.put("r/clips/a.mp4", 10)
    world.storage.put("r/2023-11-14T22-13-20.poster.jpg", 10)
    report = await world.reconciler.run_now(_PATIENCE_S)
    assert report.agrees
    assert {check.name: check.seen for check in report.checks}["bucket"] == 5


@pytest.mark.parametrize("size_bytes", [None, 999])
async def test_a_ready_one_without_its_object_is_verified_once_and_settled_when_it_is_back(
    world: World, size_bytes: int | None
) -> None:
    recording = await _recorded(world)
    whole = world.storage.objects.pop(recording.object_key)
    kind = FindingKind.OBJECT_MISSING
    if size_bytes is not None:
        kind = FindingKind.SIZE_MISMATCH
        world.storage.objects[recording.object_key] = replace(whole, size_bytes=size_bytes)
    for _ in range(3):
        assert await _found(world) == [(kind, recording.object_key)]
        await world.media_jobs[JobKind.VERIFY].run_next()
    assert await _jobs(world, JobKind.VERIFY) == 1
    [repair] = await _repairs(world)
    assert (repair["finding"], repair["subject"]) == (kind, recording.object_key)
    assert repair["repair"].startswith("asked for: its verification"), "nothing is mended by that yet"
    assert (await world.recording(recording.id)).verify_error
    assert await world.told("recording.unverified") == 1
    assert not (await world.reconciler.report()).agrees

    world.storage.objects[recording.object_key] = whole
    assert await _found(world) == []
    assert await _jobs(world, JobKind.VERIFY) == 2
    assert (await world.reconciler.report()).agrees


async def test_an_object_that_the_list_did_not_have_yet_is_asked_for_by_name(world: World) -> None:
    recording = await _recorded(world)
    listed = world.storage.list_from

    async def is_late(prefix: str, after: str, limit: int) -> Any:
        return [e for e in await listed(prefix, after, limit) if e.key != recording.object_key]

    world.storage.list_from = is_late  # type: ignore[method-assign]  # fault injection
    assert await _found(world) == []


async def test_our_own_object_that_no_row_knows_is_a_recording_again_under_its_id(world: World) -> None:
    await world.access.create_key("acme")
    for tenant, folder in ((TENANT, ""), ("acme", "_t/acme/")):
        key = f"{folder}gone/2023-11-14T22-13-20.mp4"
        world.storage.put(key, 1000, _said(f"rec_{tenant}", tenant))
    assert await _found(world) == []
    for tenant in (TENANT, "acme"):
        adopted = await world.recording_query.get(tenant, f"rec_{tenant}")
        assert (adopted.state, adopted.room_id) == (RecordingState.READY, "gone")
        assert (adopted.duration_ms, adopted.egress_id) == (5000, f"EG_{tenant}")
    assert [r["repair"] for r in await _repairs(world)] == ["it is a recording again"] * 2
    assert await world.told("recording.complete") == 2
    assert await _found(world) == []
    assert await world.count("recordings") == 2


async def test_what_is_nobodys_for_certain_is_listed_and_left(world: World) -> None:
    strange = {
        "r/2023-11-14T22-13-20.mp4": {},
        "r/2023-11-14T22-13-21.mp4": _said("rec_1", "acme"),
        "_t/nobody/r/2023-11-14T22-13-22.mp4": _said("rec_2", "nobody"),
    }
    for key, said in strange.items():
        world.storage.put(key, 1000, said)
    assert sorted(await _found(world)) == sorted((FindingKind.OBJECT_UNKNOWN, key) for key in strange)
    assert await world.count("recordings") == 0
    world.storage.objects.clear()
    assert await _found(world) == []


async def test_a_copy_of_a_known_recording_is_no_second_one(world: World) -> None:
    recording = await _recorded(world)
    world.storage.put("other/2023-11-14T22-13-59.mp4", 1000, _said(recording.id))
    assert await _found(world) == []
    assert await world.count("recordings") == 1


async def test_a_deleted_recordings_object_stays_known(world: World) -> None:
    recording = await _recorded(world)
    await world.recording_delete.delete(TENANT, recording.id)
    assert await _found(world) == []
    assert await world.count("recordings") == 1


@pytest.mark.parametrize("code", ["object_missing", "not_recovered"])
async def test_one_that_failed_for_want_of_its_object_is_ready_once_that_is_there(
    world: World, code: str
) -> None:
    recording = await _recorded(world, state=RecordingState.FAILED, code=code)
    assert await _found(world) == []
    await world.finalize.finalize_next()
    assert (await world.recording(recording.id)).state is RecordingState.READY
    assert [r["finding"] for r in await _repairs(world)] == [FindingKind.OBJECT_LATE]


async def test_one_that_failed_for_another_reason_stays_so(world: World) -> None:
    recording = await _recorded(world, state=RecordingState.FAILED, code="unreadable_media")
    assert await _found(world) == []
    assert (await world.recording(recording.id)).state is RecordingState.FAILED


async def test_a_large_bucket_is_looked_at_slice_by_slice(world: World) -> None:
    kept = [await _recorded(world, nth) for nth in range(7)]
    lost = [kept[0], kept[3], kept[6]]
    for recording in lost:
        del world.storage.objects[recording.object_key]
    services = world.services
    adoption = services.reconciler._checks.buckets._made[4]
    check = BucketCheck(
        world.db, world.clock, services.stores, services.recording_retry, adoption, None, slice_keys=2
    )
    found, looks = await look_at_all(check)
    assert looks > 1
    assert found == [recording.object_key for recording in lost]


async def test_a_bucket_that_is_away_keeps_no_other_check_from_looking(world: World) -> None:
    await _recorded(world)
    world.storage.fail_at("list_from", PartUnavailable("The store is away.", part="minio"))
    report = await world.reconciler.run_now(_PATIENCE_S)
    errors = {check.name: check.error for check in report.checks}
    assert errors.pop("bucket") == "The store is away."
    assert set(errors.values()) == {None}
    assert not report.agrees
    assert (await world.reconciler.run_now(_PATIENCE_S)).agrees
